"""Who is answered, when, once, and out of which conversation. All over the real wire."""

import asyncio
import logging
import sqlite3
from itertools import pairwise

from slackbot.conversation.messages import ThreadKey
from slackbot.errors import UNEXPECTED
from slackbot.llm import prompt
from slackbot.llm.openai.model_errors import TOO_LONG
from slackbot.playground.fake_openai.request_checks import Strictness
from slackbot.playground.fake_openai.script import Script, fails, says
from slackbot.playground.fake_slack.faults import Fault, FaultAnswer
from slackbot.store import open_store
from tests.harness import Stage


async def test_mention_is_answered_in_its_thread(stage: Stage) -> None:
    """A mention in a channel gets one message in a thread under it."""
    async with stage.playing():
        stage.model.enqueue("Ahoy there!")
        question = await stage.mention("hello")
        (answer,) = await stage.answered(question, "Ahoy there!")
    assert answer.thread_ts == question.ts


async def test_developer_message_comes_first(stage: Stage) -> None:
    """Each request begins with the instructions and the house rules, the same every turn."""
    async with stage.playing():
        await stage.verify_dialog([(f"{stage.bot.mention} hello", "Ahoy"), ("and now?", "Aye")])
    first, second = (request["messages"][0] for request in stage.model.requests)
    assert first["role"] == "developer"
    assert first["content"] == f"You are a pirate.\n\n{prompt.HOUSE_RULES}{prompt.TOOL_RULES}"
    assert second == first


async def test_follow_up_needs_no_mention(stage: Stage) -> None:
    """In a thread of the bot's, what people say is answered, with all that was said before."""
    async with stage.playing():
        await stage.verify_dialog(
            [(f"{stage.bot.mention} who are you?", "A pirate."), ("really?", "Aye.")]
        )
    assert stage.history() == [
        ("user", "Ana", "who are you?"),
        ("assistant", "", "A pirate."),
        ("user", "Ana", "really?"),
    ]


async def test_people_talking_to_each_other_are_left_alone(stage: Stage) -> None:
    """A message to somebody else in the bot's thread is not answered, but remembered."""
    async with stage.playing():
        root = await stage.verify_dialog([(f"{stage.bot.mention} hello", "Ahoy")])
        await stage.workspace.say(
            stage.ben, stage.general, f"{stage.ana.mention} is it useful?", thread=root.ts
        )
        stage.model.enqueue("Very.")
        await stage.workspace.say(stage.ana, stage.general, "what do you think?", thread=root.ts)
        await stage.answered(root, "Ahoy", "Very.")
    assert len(stage.model.requests) == 2
    assert stage.history()[2:] == [
        ("user", "Ben", "@Ana is it useful?"),
        ("user", "Ana", "what do you think?"),
    ]


async def test_other_threads_are_left_alone(stage: Stage) -> None:
    """Messages in channels and threads that the bot has no part in are not answered or stored."""
    async with stage.playing():
        root = await stage.workspace.say(stage.ana, stage.general, "lunch?")
        await stage.workspace.say(stage.ben, stage.general, "pizza!", thread=root.ts)
    assert not stage.model.requests
    async with stage.playing():
        pass
    database = stage.environment["DATABASE_URL"].removeprefix("sqlite:///")
    with open(database, "rb") as file:  # noqa: PTH123, ASYNC230
        assert b"pizza" not in file.read()


async def test_other_bots_are_never_answered(stage: Stage) -> None:
    """A bot that mentions ours, or writes in its thread, gets no answer."""
    parrot = stage.workspace.add_person("parrot", bot=True)
    async with stage.playing():
        await stage.workspace.say(parrot, stage.general, f"{stage.bot.mention} hello")
        root = await stage.verify_dialog([(f"{stage.bot.mention} hello", "Ahoy")])
        await stage.workspace.say(parrot, stage.general, "squawk", thread=root.ts)
    assert len(stage.model.requests) == 1


async def test_direct_messages(stage: Stage) -> None:
    """Each top-level direct message starts a thread of its own, which goes on by itself."""
    direct = stage.workspace.direct_message(stage.ana)
    async with stage.playing():
        first = await stage.verify_dialog([("hello", "Ahoy"), ("again", "Aye")], direct)
        await stage.verify_dialog([("something else", "Arr")], direct)
    assert len(stage.answers(first)) == 2
    assert stage.history() == [("user", "Ana", "something else")]


async def test_one_answer_in_whichever_form_it_comes(stage: Stage) -> None:
    """`app_mention` and `message`, retries and redeliveries together get one answer."""
    async with stage.playing():
        for first in (True, False):
            stage.workspace.mention_first = first
            stage.model.enqueue("Ahoy")
            question = await stage.mention("hello")
            await stage.answered(question, "Ahoy")
            for delivery in list(stage.workspace.deliveries):
                if delivery.event.get("ts") == question.ts:
                    await stage.workspace.redeliver(delivery)
            await stage.answered(question, "Ahoy")
    assert len(stage.model.requests) == 2


async def test_redelivery_after_a_restart(stage: Stage) -> None:
    """A message that was answered before a restart is not answered again after it."""
    async with stage.playing():
        stage.model.enqueue("Ahoy")
        question = await stage.mention("hello")
        await stage.answered(question, "Ahoy")
    async with stage.playing():
        await stage.workspace.redeliver(stage.workspace.deliveries[0])
    assert len(stage.model.requests) == 1


async def test_conversation_outlives_a_restart(stage: Stage) -> None:
    """After a restart a thread goes on where it was."""
    async with stage.playing():
        root = await stage.verify_dialog([(f"{stage.bot.mention} I am Ana", "Ahoy")])
    async with stage.playing():
        stage.model.enqueue("Ana.")
        await stage.workspace.say(stage.ana, stage.general, "who am I?", thread=root.ts)
        await stage.answered(root, "Ahoy", "Ana.")
    assert len(stage.history()) == 3


async def test_messages_that_wait_are_answered_together(stage: Stage) -> None:
    """What is said while a reply is being written is answered in the next one, once."""
    async with stage.playing():
        stage.model.enqueue(says("one two three").held(after=1), "Both.")
        root = await stage.mention("first")
        await stage.model.until(lambda: stage.model.open_streams == 1)
        await stage.workspace.say(stage.ben, stage.general, "second", thread=root.ts)
        await stage.workspace.say(stage.ana, stage.general, "third", thread=root.ts)
        assert len(stage.model.requests) == 1
        stage.model.release()
        await stage.answered(root, "one two three", "Both.")
    assert len(stage.model.requests) == 2
    assert stage.history()[1:] == [
        ("assistant", "", "one two three"),
        ("user", "Ben", "second"),
        ("user", "Ana", "third"),
    ]


async def test_threads_run_side_by_side(stage: Stage) -> None:
    """A thread whose answer takes long holds up no other."""
    async with stage.playing():
        stage.model.enqueue(says("slow answer").held(after=1), "quick answer")
        slow = await stage.mention("think hard")
        await stage.model.until(lambda: stage.model.open_streams == 1)
        quick = await stage.mention("quick")
        await stage.answered(quick, "quick answer")
        stage.model.release()
        await stage.answered(slow, "slow answer")


async def test_failed_turn_does_not_poison_the_next(stage: Stage) -> None:
    """After a failure the thread goes on; the question stays, the failure's sentence does not."""
    async with stage.playing():
        stage.model.enqueue(fails(401), "Now it works.")
        root = await stage.mention("first")
        await stage.workspace.until(lambda: stage.answers(root))
        await stage.workspace.say(stage.ana, stage.general, "again?", thread=root.ts)
        await stage.workspace.until(lambda: stage.answers(root)[-1].shown == "Now it works.")
    assert stage.history() == [("user", "Ana", "first"), ("user", "Ana", "again?")]


async def test_long_threads_are_cut_in_bulk(stage: Stage) -> None:
    """A request stays within OPENAI_CONTEXT_TOKENS; its beginning stays for many turns."""
    root = await stage.said_before(stage.ben, "begin")
    for number in range(40):
        await stage.said_before(stage.ben, f"{number} " + "word " * 100, thread=root.ts)
    async with stage.playing({"OPENAI_CONTEXT_TOKENS": "2000"}):
        answers: list[str] = []
        for number in range(5):
            answers.append(f"Answer {number}.")
            stage.model.enqueue(answers[-1])
            await stage.mention(f"question {number}", thread=root.ts)
            await stage.answered(root, *answers)
    contents = [[m["content"] for m in request["messages"]] for request in stage.model.requests]
    assert all(sum(map(len, texts)) / 4 <= 2000 for texts in contents)
    assert contents[0][1] == prompt.LEFT_OUT
    for before, after in pairwise(contents):
        assert after[: len(before)] == before


async def test_what_is_never_asked_leaves_the_history_as_it_is(stage: Stage) -> None:
    """A question that is too long to be sent, in a thread that was cut already, harms no other."""
    questions = [f"{number} " + "word " * 250 + "." for number in range(8)]
    said = [*questions, "word " * 7_990 + ".", "last"]
    shown = [*map(str, range(8)), f"⚠️ _{TOO_LONG}_", "9"]
    async with stage.playing({"OPENAI_CONTEXT_TOKENS": "2000"}):
        stage.model.enqueue(*shown[:8], shown[9])
        root = await stage.mention(said[0])
        for number, question in enumerate(said[1:], start=1):
            await stage.answered(root, *shown[:number])
            await stage.service.bot.idle()
            await stage.mention(question, thread=root.ts)
        await stage.answered(root, *shown)
    key = ThreadKey(stage.workspace.team.team_id, root.channel, root.ts)
    store = await open_store(stage.environment["DATABASE_URL"])
    assert (await store.load(key)).start > 0
    stored = [(await store.load(key, until=number)).turns[-1] for number in range(10)]
    await store.close()
    assert [turn.said[0].text for turn in stored] == said


async def test_overlong_context_is_trimmed_once_more(stage: Stage) -> None:
    """When the server says that the request is too long, a shorter one is made."""
    async with stage.playing():
        root = await stage.verify_dialog(
            [(f"{stage.bot.mention} begin", "word " * 200 + "."), ("go on", "word " * 200 + "!")]
        )
        stage.model.strictness = Strictness(context_limit=2_200)
        stage.model.enqueue("Short again.")
        await stage.workspace.say(stage.ana, stage.general, "and?", thread=root.ts)
        await stage.workspace.until(lambda: stage.answers(root)[-1].shown == "Short again.")
    assert stage.history()[0][2] == prompt.LEFT_OUT


async def test_cache_key_is_for_openai_alone(stage: Stage) -> None:
    """Other servers get no prompt_cache_key, which they might refuse."""
    async with stage.playing():
        await stage.verify_dialog([(f"{stage.bot.mention} hello", "Ahoy")])
    assert "prompt_cache_key" not in stage.model.requests[0]


async def test_halves_of_an_emoji(stage: Stage) -> None:
    """An emoji whose halves come in two chunks is one, and the thread goes on."""
    async with stage.playing():
        halves = ({"content": "smile \ud83d"}, {"content": "\ude00"}, {"content": " \ud83d"})
        stage.model.enqueue(Script(halves), "Regenerated.")
        root = await stage.mention("smile")
        await stage.answered(root, "smile \U0001f600")
        await stage.mention("again", thread=root.ts)
        await stage.answered(root, "smile \U0001f600", "Regenerated.")


async def test_follow_up_that_comes_before_the_mention(stage: Stage) -> None:
    """What Slack delivers before the mention that it follows is answered too."""
    root = await stage.said_before(stage.ana, f"{stage.bot.mention} first")
    await stage.said_before(stage.ana, "second", thread=root.ts)
    async with stage.playing():
        stage.model.enqueue("both")
        for delivery in reversed(stage.workspace.deliveries[:]):
            await stage.workspace.redeliver(delivery)
        await stage.answered(root, "both")
    said = [content for role, _, content in stage.history() if role == "user"]
    assert said == ["first", "second"]


async def test_several_follow_ups_before_both_forms_of_the_mention(stage: Stage) -> None:
    """The two forms of a mention, arriving together, take up what came before them once each."""
    root = await stage.said_before(stage.ana, f"{stage.bot.mention} first")
    for said in ("second", "third", "fourth"):
        await stage.said_before(stage.ana, said, thread=root.ts)
    mentions, follow_ups = stage.workspace.deliveries[:2], stage.workspace.deliveries[2:]
    async with stage.playing():
        stage.model.answer = lambda _: "Aye."
        for delivery in follow_ups:
            await stage.workspace.redeliver(delivery)
        again = await asyncio.gather(*map(stage.workspace.redeliver, mentions))
        assert [(each.acknowledged, each.attempts) for each in again] == [(True, 1)] * 2
        await stage.workspace.until(lambda: "fourth" in str(stage.model.requests))
    texts = [content for role, _, content in stage.history() if role == "user"]
    assert texts == ["first", "second", "third", "fourth"]


class Awaited(logging.Handler):
    """Sets an event when a line of the log says this."""

    def __init__(self, said: str) -> None:
        super().__init__()
        self.seen = asyncio.Event()
        self._said = said

    def emit(self, record: logging.LogRecord) -> None:
        if self._said in record.getMessage():
            self.seen.set()


async def test_a_turn_is_stored_in_the_end(stage: Stage) -> None:
    """A turn that can't be stored now is tried again, and the next one knows it."""
    awaited = Awaited("The store fails")
    logging.getLogger("slackbot.turns.turn_runner").addHandler(awaited)
    other = sqlite3.connect(
        stage.environment["DATABASE_URL"].removeprefix("sqlite:///"), isolation_level=None
    )
    async with stage.playing():
        stage.model.enqueue(says("one two").held(after=1), "three")
        root = await stage.mention("count")
        await stage.answered(root, "one")
        other.execute("BEGIN IMMEDIATE")  # nobody else can write now
        stage.model.release()
        await stage.answered(root, "one two")
        await awaited.seen.wait()
        other.close()
        await stage.mention("go on", thread=root.ts)
        await stage.answered(root, "one two", "three")
    logging.getLogger("slackbot.turns.turn_runner").removeHandler(awaited)
    assert ("assistant", "", "one two") in stage.history()


async def test_nobody_is_left_without_a_word(stage: Stage) -> None:
    """Even what nobody foresaw ends in one sentence, and the thread goes on."""
    root = await stage.said_before(stage.ben, "before")
    odd = Fault("answer", FaultAnswer(200, {"ok": True, "messages": ["odd"]}, {}))
    stage.workspace.faults.add("conversations.replies", odd)
    async with stage.playing():
        await stage.mention("hello", thread=root.ts)
        await stage.workspace.until(
            lambda: stage.answers(root) and UNEXPECTED in stage.answers(root)[0].shown
        )
        stage.model.enqueue("Ahoy")
        await stage.mention("and now?", thread=root.ts)
        await stage.workspace.until(lambda: stage.answers(root)[-1].shown == "Ahoy")
