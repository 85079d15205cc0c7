"""The conversation as the model reads it: authors, plain text, from the thread's beginning."""

import pytest

from slackbot.markdown.mrkdwn import MAX_MENTIONED_PEOPLE
from slackbot.markdown.notes import with_notes
from slackbot.playground.fake_openai.script import calls, declines, says
from slackbot.playground.fake_slack.faults import Fault
from slackbot.turns import texts
from tests.harness import BotHarness


async def test_mention_in_the_middle_of_a_thread(harness: BotHarness) -> None:
    """A thread that people already have is read once, and begins the conversation by name."""
    root = await harness.said_before(harness.ben, "shall we use Rust?")
    await harness.said_before(harness.ana, "or &lt;Go&gt;", thread=root.ts)
    async with harness.running():
        harness.model.enqueue("Use Python.", "Because.")
        await harness.mention("what do you say?", thread=root.ts)
        await harness.answered(root, "Use Python.")
        await harness.workspace.say(harness.ben, harness.general, "why?", thread=root.ts)
        await harness.answered(root, "Use Python.", "Because.")
    assert harness.history() == [
        ("user", "Ben", "shall we use Rust?"),
        ("user", "Ana", "or <Go>"),
        ("user", "Ana", "what do you say?"),
        ("assistant", "", "Use Python."),
        ("user", "Ben", "why?"),
    ]
    reads = [call for call in harness.workspace.calls if call.method == "conversations.replies"]
    assert len(reads) == 1


async def test_a_mention_from_before_the_bot_was_invited(harness: BotHarness) -> None:
    """A mention that nobody told the bot of is part of the thread that it reads later."""
    root = await harness.said_before(harness.ana, f"{harness.bot.mention} what is Rust?")
    later = {
        "type": "app_mention",
        "channel": harness.general.id,
        "user": harness.ana.id,
        "text": f"{harness.bot.mention} and?",
        "thread_ts": root.ts,
        "ts": f"{float(root.ts) + 20:.6f}",  # it took somebody a while to invite the bot
    }
    async with harness.running():
        harness.model.enqueue("A language.")
        await harness.workspace.deliver(later)
        await harness.answered(root, "A language.")
    assert [content for _, _, content in harness.history()] == ["what is Rust?", "and?"]


async def test_mentions_in_reverse_order(harness: BotHarness) -> None:
    """Of two mentions in a thread that are delivered in reverse order, each is said once."""
    root = await harness.said_before(harness.ben, "before")
    for said in ("first", "second"):
        await harness.said_before(harness.ana, f"{harness.bot.mention} {said}", thread=root.ts)
    async with harness.running():
        harness.model.answer = lambda _: "Aye."
        for delivery in reversed(harness.workspace.deliveries[1:]):
            await harness.workspace.redeliver(delivery)
        await harness.workspace.until(lambda: "first" in str(harness.model.requests))
    told = [content for role, _, content in harness.history() if role == "user"]
    assert sorted(told) == ["before", "first", "second"]


async def test_long_thread_is_read_to_its_end(harness: BotHarness) -> None:
    """Of a thread of several pages the first message and the newest ones are taken."""
    root = await harness.said_before(harness.ana, "begin")
    for number in range(450):
        await harness.said_before(harness.ben, f"line {number}", thread=root.ts)
    async with harness.running():
        harness.model.enqueue("Noted.")
        await harness.mention("sum up", thread=root.ts)
        await harness.answered(root, "Noted.")
    contents = [content for _, _, content in harness.history()]
    newest = len(contents) - 2
    assert 150 <= newest <= 199
    lines = [f"line {number}" for number in range(450 - newest, 450)]
    assert contents == ["begin", *lines, "sum up"]


async def test_names(harness: BotHarness) -> None:
    """Each person has a usable name of their own, which stays when they change theirs."""
    zoe = harness.workspace.add_person("Zoë [ops]")
    wang = harness.workspace.add_person("王小明")
    other = harness.workspace.add_person("ana")
    async with harness.running():
        root = await harness.verify_dialog([(f"{harness.bot.mention} hi", "Ahoy")])
        for number, person in enumerate((zoe, wang, other)):
            harness.model.enqueue(f"answer {number}")
            await harness.workspace.say(person, harness.general, "hi", thread=root.ts)
            await harness.answered(root, "Ahoy", *(f"answer {n}" for n in range(number + 1)))
    names = [name for role, name, _ in harness.history() if role == "user"]
    assert names == ["Ana", "Zoe_ops", "WangXiaoMing", "ana_2"]
    asked = [call.args["user"] for call in harness.workspace.calls if call.method == "users.info"]
    assert sorted(asked) == sorted({harness.ana.id, zoe.id, wang.id, other.id})


async def test_markup_becomes_plain_text(harness: BotHarness) -> None:
    """The model reads names, channels and links instead of Slack's markup."""
    async with harness.running():
        harness.model.enqueue("Aye")
        question = await harness.mention(
            f"ask {harness.ben.mention} in <#C1|ops> about <https://x.org|this> &amp; that"
        )
        await harness.answered(question, "Aye")
    assert harness.history() == [
        ("user", "Ana", "ask @Ben in #ops about this (https://x.org) & that")
    ]


async def test_people_who_cannot_be_named_yet(harness: BotHarness) -> None:
    """While Slack does not tell a name nobody waits for it, and it is asked again."""
    faults = harness.workspace.faults
    faults.add("users.info", Fault.error("user_not_visible"), times=99)
    async with harness.running():
        question = await harness.verify_dialog([(f"{harness.bot.mention} hello", "Ahoy")])
        faults.clear()
        harness.model.enqueue("Aye")
        await harness.workspace.say(harness.ana, harness.general, "and now?", thread=question.ts)
        await harness.answered(question, "Ahoy", "Aye")
    assert harness.history() == [
        ("user", harness.ana.id, "hello"),
        ("assistant", "", "Ahoy"),
        ("user", "Ana", "and now?"),
    ]


async def test_a_message_that_mentions_thousands(harness: BotHarness) -> None:
    """Slack is asked for the names of some only: it limits such calls, and roles need them too."""
    everybody = " ".join(f"<@U{number:04}>" for number in range(2_000))
    async with harness.running():
        harness.model.enqueue("Too many.")
        question = await harness.mention(f"who are they? {everybody}")
        await harness.answered(question, "Too many.")
    asked = [call.args["user"] for call in harness.workspace.calls if call.method == "users.info"]
    assert len(asked) <= MAX_MENTIONED_PEOPLE + 1
    assert harness.ana.id in asked


PASSING_FAULTS = [Fault.status(503), Fault.error("fatal_error"), Fault.reset_before()]


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (Fault.error("missing_scope"), texts.UNREAD_REASONS["missing_scope"]),
        (Fault.error("not_in_channel"), texts.UNREAD_REASONS["not_in_channel"]),
        (Fault.error("channel_not_found"), texts.UNREAD_REASONS["channel_not_found"]),
        (Fault.error("thread_not_found"), texts.UNREAD_NOT_ALLOWED),
        *((fault, texts.UNREAD_NOW) for fault in PASSING_FAULTS),
        (Fault.rate_limited(1), texts.UNREAD_NOW),
    ],
    ids=repr,
)
async def test_a_history_that_cannot_be_read(
    harness: BotHarness, fault: Fault, reason: str
) -> None:
    """The question is answered without it, and the first answer says so, and why. The model knows
    it for good; people read it once.
    """
    root = await harness.said_before(harness.ben, "before")
    harness.workspace.faults.add("conversations.replies", fault, times=9)
    noted = with_notes("Ahoy", texts.UNREAD_THREAD.format(reason=reason))
    async with harness.running():
        harness.model.enqueue("Ahoy", "Aye")
        await harness.mention("hello", thread=root.ts)
        await harness.answered(root, noted)
        await harness.mention("and now?", thread=root.ts)
        await harness.answered(root, noted, "Aye")
    told = ("user", "Slack", texts.UNREAD_THREAD_FOR_MODEL.format(reason=reason))
    assert harness.history(0) == [told, ("user", "Ana", "hello")]
    assert harness.history(1) == [
        told,
        ("user", "Ana", "hello"),
        ("assistant", "", "Ahoy"),
        ("user", "Ana", "and now?"),
    ]


async def test_failures_are_not_read_back_as_answers(harness: BotHarness) -> None:
    """When a lost database is made up for from Slack, the sentences of failures stay out of it."""
    async with harness.running():
        harness.model.enqueue(says("one two").ending("length"))
        root = await harness.mention("count")
        await harness.workspace.until(
            lambda: harness.answers(root) and "⚠️" in harness.answers(root)[0].shown
        )
    async with harness.running({"DATABASE_URL": harness.environment["DATABASE_URL"] + ".new"}):
        harness.model.enqueue("Three.")
        await harness.mention("go on", thread=root.ts)
        await harness.workspace.until(lambda: harness.answers(root)[-1].shown == "Three.")
    assert ("assistant", "", "one two") in harness.history()


async def test_annotations_are_not_read_back(harness: BotHarness) -> None:
    """From a thread that is read from Slack the model gets its text, and its refusal as a refusal,
    without the line of used tools.
    """
    async with harness.running():
        harness.model.enqueue(calls("search_conversations", '{"words": "x"}'), "So.")
        question = await harness.mention("look")
        await harness.finished(question)
        harness.model.enqueue(declines("I won't."))
        await harness.workspace.say(harness.ana, harness.general, "and?", thread=question.ts)
        await harness.workspace.until(lambda: "won't" in harness.answers(question)[-1].shown)
        await harness.service.bot.idle()
    async with harness.running({"DATABASE_URL": harness.environment["DATABASE_URL"] + ".new"}):
        harness.model.enqueue("Fine.")
        await harness.mention("again", thread=question.ts)
        await harness.workspace.until(lambda: harness.answers(question)[-1].shown == "Fine.")
    answers = [m for m in harness.model.requests[-1]["messages"] if m["role"] == "assistant"]
    assert [(m["content"], m.get("refusal", "")) for m in answers] == [
        ("So.", ""),
        ("", "I won't."),
    ]


async def test_only_a_mention(harness: BotHarness) -> None:
    """A message that is nothing but the mention is answered too."""
    async with harness.running():
        harness.model.enqueue("Yes?")
        question = await harness.mention("")
        await harness.answered(question, "Yes?")
    assert harness.history() == [("user", "Ana", "(no text)")]
