"""Which messages are answered, when, exactly once, and from which conversation; over the wire."""

import asyncio
import logging
from dataclasses import replace
from itertools import pairwise

import pytest

from slackbot.app.workspace_bots import WorkspaceBots
from slackbot.conversation.ids import ChannelId, TeamId, Ts, UserId
from slackbot.conversation.inbox_events import MessageReceived
from slackbot.conversation.messages import Message, ThreadKey
from slackbot.errors import UNEXPECTED
from slackbot.llm import prompt_builder
from slackbot.llm.texts import TOO_LONG
from slackbot.playground.fake_openai.chat_completion import length_of
from slackbot.playground.fake_openai.request_checks import RequestRules
from slackbot.playground.fake_openai.script import Script, fails, says
from slackbot.store import open_store
from tests.harness import BotHarness
from tests.store.rows import file_of, keys_of, locked


async def test_mention_is_answered_in_its_thread(harness: BotHarness) -> None:
    """A mention in a channel gets one message in a thread under it."""
    async with harness.running():
        harness.model.enqueue("Ahoy there!")
        question = await harness.mention("hello")
        (answer,) = await harness.answered(question, "Ahoy there!")
    assert answer.thread_ts == question.ts


async def test_developer_message_comes_first(harness: BotHarness) -> None:
    """Each request begins with the instructions and the house rules, the same every turn."""
    async with harness.running():
        await harness.verify_dialog([(f"{harness.bot.mention} hello", "Ahoy"), ("and now?", "Aye")])
    first, second = (request["messages"][0] for request in harness.model.requests)
    assert first["role"] == "developer"
    assert (
        first["content"]
        == f"You are a pirate.\n\n{prompt_builder.HOUSE_RULES}{prompt_builder.TOOL_RULES}"
    )
    assert second == first


async def test_follow_up_needs_no_mention(harness: BotHarness) -> None:
    """In a thread of the bot's, what people say is answered, with all that was said before."""
    async with harness.running():
        await harness.verify_dialog(
            [(f"{harness.bot.mention} who are you?", "A pirate."), ("really?", "Aye.")]
        )
    assert harness.history() == [
        ("user", "Ana", "who are you?"),
        ("assistant", "", "A pirate."),
        ("user", "Ana", "really?"),
    ]


async def test_people_talking_to_each_other_are_left_alone(harness: BotHarness) -> None:
    """A message to somebody else in the bot's thread is not answered, but remembered."""
    async with harness.running():
        root = await harness.verify_dialog([(f"{harness.bot.mention} hello", "Ahoy")])
        await harness.workspace.say(
            harness.ben, harness.general, f"{harness.ana.mention} is it useful?", thread=root.ts
        )
        harness.model.enqueue("Very.")
        await harness.workspace.say(
            harness.ana, harness.general, "what do you think?", thread=root.ts
        )
        await harness.answered(root, "Ahoy", "Very.")
    assert len(harness.model.requests) == 2
    assert harness.history()[2:] == [
        ("user", "Ben", "@Ana is it useful?"),
        ("user", "Ana", "what do you think?"),
    ]


async def test_other_threads_are_left_alone(harness: BotHarness) -> None:
    """Messages in channels and threads that the bot has no part in are not answered or stored."""
    async with harness.running():
        root = await harness.workspace.say(harness.ana, harness.general, "lunch?")
        await harness.workspace.say(harness.ben, harness.general, "pizza!", thread=root.ts)
    assert not harness.model.requests
    async with harness.running():
        pass
    database = harness.environment["DATABASE_URL"].removeprefix("sqlite:///")
    with open(database, "rb") as file:  # noqa: PTH123, ASYNC230
        assert b"pizza" not in file.read()


async def test_other_bots_are_never_answered(harness: BotHarness) -> None:
    """A bot that mentions ours, or writes in its thread, gets no answer."""
    parrot = harness.workspace.add_person("parrot", bot=True)
    async with harness.running():
        await harness.workspace.say(parrot, harness.general, f"{harness.bot.mention} hello")
        root = await harness.verify_dialog([(f"{harness.bot.mention} hello", "Ahoy")])
        await harness.workspace.say(parrot, harness.general, "squawk", thread=root.ts)
    assert len(harness.model.requests) == 1


async def test_direct_messages(harness: BotHarness) -> None:
    """Each top-level direct message starts a thread of its own, which goes on by itself."""
    direct = harness.workspace.direct_message(harness.ana)
    async with harness.running():
        first = await harness.verify_dialog([("hello", "Ahoy"), ("again", "Aye")], direct)
        await harness.verify_dialog([("something else", "Arr")], direct)
    assert len(harness.answers(first)) == 2
    assert harness.history() == [("user", "Ana", "something else")]


async def test_one_answer_in_whichever_form_it_comes(harness: BotHarness) -> None:
    """`app_mention` and `message`, retries and redeliveries together get one answer."""
    async with harness.running():
        for first in (True, False):
            harness.workspace.mention_first = first
            harness.model.enqueue("Ahoy")
            question = await harness.mention("hello")
            await harness.answered(question, "Ahoy")
            for delivery in list(harness.workspace.deliveries):
                if delivery.event.get("ts") == question.ts:
                    await harness.workspace.redeliver(delivery)
            await harness.answered(question, "Ahoy")
    assert len(harness.model.requests) == 2


async def test_redelivery_after_a_restart(harness: BotHarness) -> None:
    """A message that was answered before a restart is not answered again after it."""
    async with harness.running():
        harness.model.enqueue("Ahoy")
        question = await harness.mention("hello")
        await harness.answered(question, "Ahoy")
    async with harness.running():
        await harness.workspace.redeliver(harness.workspace.deliveries[0])
    assert len(harness.model.requests) == 1


async def test_conversation_outlives_a_restart(harness: BotHarness) -> None:
    """After a restart a thread goes on where it was."""
    async with harness.running():
        root = await harness.verify_dialog([(f"{harness.bot.mention} I am Ana", "Ahoy")])
    async with harness.running():
        harness.model.enqueue("Ana.")
        await harness.workspace.say(harness.ana, harness.general, "who am I?", thread=root.ts)
        await harness.answered(root, "Ahoy", "Ana.")
    assert len(harness.history()) == 3


async def test_messages_that_wait_are_answered_together(harness: BotHarness) -> None:
    """Messages that arrive during a reply are answered together, one turn for each person."""
    async with harness.running():
        harness.model.enqueue(says("one two three").held(after=1), "To Ben.", "To Ana.")
        root = await harness.mention("first")
        await harness.model.until(lambda: harness.model.open_streams == 1)
        await harness.workspace.say(harness.ben, harness.general, "second", thread=root.ts)
        await harness.workspace.say(harness.ana, harness.general, "third", thread=root.ts)
        await harness.workspace.say(harness.ana, harness.general, "fourth", thread=root.ts)
        assert len(harness.model.requests) == 1
        harness.model.release()
        await harness.answered(root, "one two three", "To Ben.", "To Ana.")
    assert len(harness.model.requests) == 3
    assert harness.history()[1:] == [
        ("assistant", "", "one two three"),
        ("user", "Ben", "second"),
        ("assistant", "", "To Ben."),
        ("user", "Ana", "third"),
        ("user", "Ana", "fourth"),
    ]


async def test_threads_run_side_by_side(harness: BotHarness) -> None:
    """A thread whose answer takes long holds up no other."""
    async with harness.running():
        harness.model.enqueue(says("slow answer").held(after=1), "quick answer")
        slow = await harness.mention("think hard")
        await harness.model.until(lambda: harness.model.open_streams == 1)
        quick = await harness.mention("quick")
        await harness.answered(quick, "quick answer")
        harness.model.release()
        await harness.answered(slow, "slow answer")


async def test_failed_turn_does_not_poison_the_next(harness: BotHarness) -> None:
    """After a failure the thread goes on; the question stays, the failure's sentence does not."""
    async with harness.running():
        harness.model.enqueue(fails(401), "Now it works.")
        root = await harness.mention("first")
        await harness.workspace.until(lambda: harness.answers(root))
        await harness.workspace.say(harness.ana, harness.general, "again?", thread=root.ts)
        await harness.workspace.until(lambda: harness.answers(root)[-1].shown == "Now it works.")
    assert harness.history() == [("user", "Ana", "first"), ("user", "Ana", "again?")]


async def test_long_threads_are_cut_in_bulk(harness: BotHarness) -> None:
    """A request stays within OPENAI_CONTEXT_TOKENS; its beginning stays for many turns."""
    root = await harness.said_before(harness.ben, "begin")
    for number in range(40):
        await harness.said_before(harness.ben, f"{number} " + "word " * 100, thread=root.ts)
    async with harness.running({"OPENAI_CONTEXT_TOKENS": "2000"}):
        answers: list[str] = []
        for number in range(5):
            answers.append(f"Answer {number}.")
            harness.model.enqueue(answers[-1])
            await harness.mention(f"question {number}", thread=root.ts)
            await harness.answered(root, *answers)
    contents = [[m["content"] for m in request["messages"]] for request in harness.model.requests]
    assert all(sum(map(len, texts)) / 4 <= 2000 for texts in contents)
    assert contents[0][1] == prompt_builder.TURNS_LEFT_OUT
    for before, after in pairwise(contents):
        assert after[: len(before)] == before


async def test_a_question_too_long_leaves_the_history_as_it_is(harness: BotHarness) -> None:
    """A question that the model can't read, in a thread that was cut already, harms no other."""
    harness.model.rules = RequestRules(context_limit=30_000)
    questions = [f"{number} " + "word " * 250 + "." for number in range(8)]
    said = [*questions, "word " * 7_990 + ".", "last"]
    shown = [*map(str, range(8)), f"⚠️ _{TOO_LONG}_", "9"]
    async with harness.running({"OPENAI_CONTEXT_TOKENS": "2000"}):
        harness.model.enqueue(*shown[:8], shown[9])
        root = await harness.mention(said[0])
        for number, question in enumerate(said[1:], start=1):
            await harness.answered(root, *shown[:number])
            await harness.service.bot.idle()
            await harness.mention(question, thread=root.ts)
        await harness.answered(root, *shown)
    key = ThreadKey(TeamId(harness.workspace.team.team_id), ChannelId(root.channel), Ts(root.ts))
    store = await open_store(harness.environment["DATABASE_URL"])
    assert (await store.load(key)).start > 0
    stored = [(await store.load(key, until=number)).turns[-1] for number in range(10)]
    await store.close()
    assert [turn.messages[0].text for turn in stored] == said


async def test_a_context_that_is_much_smaller_than_set(harness: BotHarness) -> None:
    """As long as the server says that the request is too long, shorter ones are made."""
    said = [(f"go on {number}", f"{number} " + "word " * 200 + ".") for number in range(12)]
    async with harness.running():
        root = await harness.verify_dialog([(f"{harness.bot.mention} begin", "Ahoy."), *said])
        harness.model.rules = RequestRules(context_limit=2_200)
        harness.model.enqueue("Short again.")
        await harness.workspace.say(harness.ana, harness.general, "and?", thread=root.ts)
        await harness.workspace.until(lambda: harness.answers(root)[-1].shown == "Short again.")
        harness.model.rules = RequestRules(context_limit=100)
        before = len(harness.model.requests)
        await harness.workspace.say(harness.ana, harness.general, "and now?", thread=root.ts)
        await harness.workspace.until(lambda: harness.answers(root)[-1].shown == f"⚠️ _{TOO_LONG}_")
    sizes = [length_of(request) for request in harness.model.requests[before:]]
    assert sizes == sorted(set(sizes), reverse=True)


async def test_overlong_context_is_trimmed_once_more(harness: BotHarness) -> None:
    """When the server says that the request is too long, a shorter one is made."""
    async with harness.running():
        root = await harness.verify_dialog(
            [(f"{harness.bot.mention} begin", "word " * 200 + "."), ("go on", "word " * 200 + "!")]
        )
        harness.model.rules = RequestRules(context_limit=2_200)
        harness.model.enqueue("Short again.")
        await harness.workspace.say(harness.ana, harness.general, "and?", thread=root.ts)
        await harness.workspace.until(lambda: harness.answers(root)[-1].shown == "Short again.")
    assert harness.history()[0][2] == prompt_builder.TURNS_LEFT_OUT


async def test_cache_key_is_for_openai_alone(harness: BotHarness) -> None:
    """Other servers get no prompt_cache_key, which they might refuse."""
    async with harness.running():
        await harness.verify_dialog([(f"{harness.bot.mention} hello", "Ahoy")])
    assert "prompt_cache_key" not in harness.model.requests[0]


async def test_halves_of_an_emoji(harness: BotHarness) -> None:
    """An emoji whose halves come in two chunks is one, and the thread goes on."""
    async with harness.running():
        halves = ({"content": "smile \ud83d"}, {"content": "\ude00"}, {"content": " \ud83d"})
        harness.model.enqueue(Script(halves), "Again.")
        root = await harness.mention("smile")
        await harness.answered(root, "smile \U0001f600")
        await harness.mention("again", thread=root.ts)
        await harness.answered(root, "smile \U0001f600", "Again.")


async def test_follow_up_that_comes_before_the_mention(harness: BotHarness) -> None:
    """A follow-up that Slack delivers before its mention is answered too."""
    root = await harness.said_before(harness.ana, f"{harness.bot.mention} first")
    await harness.said_before(harness.ana, "second", thread=root.ts)
    async with harness.running():
        harness.model.enqueue("both")
        for delivery in reversed(harness.workspace.deliveries[:]):
            await harness.workspace.redeliver(delivery)
        await harness.answered(root, "both")
    said = [content for role, _, content in harness.history() if role == "user"]
    assert said == ["first", "second"]


async def test_several_follow_ups_before_both_forms_of_the_mention(harness: BotHarness) -> None:
    """The two forms of a mention, arriving together, take up what came before them once each."""
    root = await harness.said_before(harness.ana, f"{harness.bot.mention} first")
    for said in ("second", "third", "fourth"):
        await harness.said_before(harness.ana, said, thread=root.ts)
    mentions, follow_ups = harness.workspace.deliveries[:2], harness.workspace.deliveries[2:]
    async with harness.running():
        harness.model.answer = lambda _: "Aye."
        for delivery in follow_ups:
            await harness.workspace.redeliver(delivery)
        again = await asyncio.gather(*map(harness.workspace.redeliver, mentions))
        assert [(each.acknowledged, each.attempts) for each in again] == [(True, 1)] * 2
        await harness.workspace.until(lambda: "fourth" in str(harness.model.requests))
    texts = [content for role, _, content in harness.history() if role == "user"]
    assert texts == ["first", "second", "third", "fourth"]


async def test_what_was_said_before_the_mention_asks_nothing(harness: BotHarness) -> None:
    """What people said in a thread before they mention the bot there is context for the question,
    each message once, and no question of its own.
    """
    async with harness.running():
        root = await harness.workspace.say(harness.ben, harness.general, "where do we eat?")
        await harness.workspace.say(harness.ben, harness.general, "no fish", thread=root.ts)
        await harness.all_acknowledged()
        harness.model.answer = lambda _: "Pizza."
        await harness.mention("what do you think?", thread=root.ts)
        await harness.answered(root, "Pizza.")
        await harness.settled()
        assert [answer.shown for answer in harness.answers(root)] == ["Pizza."]
    assert len(harness.model.requests) == 1
    assert harness.history() == [
        ("user", "Ben", "where do we eat?"),
        ("user", "Ben", "no fish"),
        ("user", "Ana", "what do you think?"),
    ]


class Awaited(logging.Handler):
    """Sets an event when a line of the log says this."""

    def __init__(self, said: str) -> None:
        super().__init__()
        self.seen = asyncio.Event()
        self._said = said

    def emit(self, record: logging.LogRecord) -> None:
        if self._said in record.getMessage():
            self.seen.set()


async def test_a_turn_is_stored_in_the_end(harness: BotHarness) -> None:
    """A turn that can't be stored now is tried again, and the next one knows it."""
    awaited = Awaited("The store fails")
    logging.getLogger("slackbot.turns.store_retry").addHandler(awaited)
    async with harness.running():
        harness.model.enqueue(says("one two").held(after=1), "three")
        root = await harness.mention("count")
        await harness.answered(root, "one")
        with locked(harness.environment["DATABASE_URL"]):
            harness.model.release()
            await harness.answered(root, "one two")
            await awaited.seen.wait()
        await harness.mention("go on", thread=root.ts)
        await harness.answered(root, "one two", "three")
    logging.getLogger("slackbot.turns.store_retry").removeHandler(awaited)
    assert ("assistant", "", "one two") in harness.history()


async def test_nobody_is_left_without_a_word(
    harness: BotHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even what nobody foresaw ends in one sentence, and the thread goes on."""
    root = await harness.said_before(harness.ben, "before")
    harness.break_library(monkeypatch)
    async with harness.running():
        await harness.mention("hello", thread=root.ts)
        await harness.workspace.until(
            lambda: harness.answers(root) and UNEXPECTED in harness.answers(root)[0].shown
        )
        harness.model.enqueue("Ahoy")
        await harness.mention("and now?", thread=root.ts)
        await harness.workspace.until(lambda: harness.answers(root)[-1].shown == "Ahoy")


async def test_uninstalled(harness: BotHarness, caplog: pytest.LogCaptureFixture) -> None:
    """A workspace that removes the app leaves nothing in the database, not even what was being
    answered at that moment.
    """
    async with harness.running():
        await harness.verify_dialog([(f"{harness.bot.mention} my secret", "Ahoy")])
        harness.model.enqueue(says("one two three").held(after=1))
        question = await harness.mention("count")
        await harness.answered(question, "one")
        await harness.workspace.uninstall()
        await harness.service.bot.idle()
        await harness.all_acknowledged()
    assert keys_of(file_of(harness.environment["DATABASE_URL"])) == []
    loud = [each.levelname for each in caplog.records if each.levelno > logging.INFO]
    assert loud == ["CRITICAL", "WARNING"]


async def test_a_delivery_that_ends_after_it_was_stored(harness: BotHarness) -> None:
    """A follow-up that is stored while nobody waits for it is answered when it comes again."""
    async with harness.running():
        root = await harness.verify_dialog([(f"{harness.bot.mention} hello", "Ahoy")])
        thread = ThreadKey(
            TeamId(harness.workspace.team.team_id), ChannelId(root.channel), Ts(root.ts)
        )
        after = Ts(f"{float(root.ts) + 60:.6f}")
        event = MessageReceived(Message(thread, after, UserId(harness.ana.id), "and now?"))
        bots = harness.service.bot
        assert isinstance(bots, WorkspaceBots)
        opened = bots.opened(thread.team)
        assert opened is not None
        bot = opened.bot
        with locked(harness.environment["DATABASE_URL"]):
            delivery = asyncio.create_task(bot.on_event(event))
            await asyncio.sleep(0)
            delivery.cancel()
        foreign = Message(replace(thread, ts=Ts("1.000000")), Ts("2.000000"), UserId("U1"), "hi")
        await bot.on_event(MessageReceived(foreign))  # the store looks at it after the other one
        harness.model.enqueue("Aye")
        await bot.on_event(event)
        await harness.answered(root, "Ahoy", "Aye")
