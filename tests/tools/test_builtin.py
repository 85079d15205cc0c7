"""The tools that every bot has, over the wire: what they tell, and to whom."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slackbot.playground.fake_openai.script import calls
from slackbot.playground.fake_slack.faults import Fault
from slackbot.playground.fake_slack.members import Channel, Person
from slackbot.playground.fake_slack.messages import PostedMessage, new_version
from slackbot.tools import builtin
from tests import sample_files
from tests.harness import BotHarness

MARKED = "(the message that the link is to)"


def told(harness: BotHarness) -> str:
    results = [m["content"] for m in harness.model.requests[-1]["messages"] if m["role"] == "tool"]
    return str(results[-1])


async def use(
    harness: BotHarness,
    tool: str,
    arguments: str = "{}",
    *,
    person: Person | None = None,
    channel: Channel | None = None,
) -> str:
    """What a tool tells the model when a person asks."""
    harness.model.enqueue(calls(tool, arguments), "So.")
    question = await harness.workspace.say(
        person or harness.ana, channel or harness.general, f"{harness.bot.mention} go"
    )
    await harness.finished(question)
    return told(harness)


def link(message: PostedMessage) -> str:
    place = f"{message.channel}/p{message.ts.replace('.', '')}"
    thread = f"?thread_ts={message.thread_ts}" if message.thread_ts else ""
    return f'{{"link": "https://example.slack.com/archives/{place}{thread}"}}'


async def test_the_time_where_somebody_is(harness: BotHarness) -> None:
    """The time is that of who asks, or of another person of the conversation."""
    mia = harness.workspace.add_person("Mia", tz=("Asia/Kolkata", 19_800))
    harness.general.members.add(mia.id)
    async with harness.running():
        there = await use(harness, "current_time", person=mia)
        assert there.endswith(" in Asia/Kolkata (UTC+0530)")
        now = datetime.now(UTC) + timedelta(seconds=19_800)
        shown = datetime.strptime(there.partition(" in ")[0], "%A, %Y-%m-%d %H:%M").replace(
            tzinfo=UTC
        )
        assert abs(now - shown) < timedelta(minutes=2)
        assert (await use(harness, "current_time")).endswith(" in Etc/UTC (UTC+0000)")
        unknown = await use(harness, "current_time", '{"person": "Zoe"}')
        assert unknown == "Error: Nobody here is called Zoe. There are: Ana."
        again = await use(harness, "current_time", '{"person": "@ana"}')
        assert again.endswith(" in Etc/UTC (UTC+0000)")


async def test_slack_does_not_say(harness: BotHarness) -> None:
    """When Slack does not say where somebody is the model is told so."""
    harness.workspace.faults.add("users.info", Fault.error("user_not_found"), times=2)
    async with harness.running():
        assert await use(harness, "current_time") == f"Error: {builtin.NO_ANSWER}"


async def test_a_thread_that_the_asker_can_see(harness: BotHarness) -> None:
    """A link leads to the whole thread; the message that is meant is marked."""
    root = await harness.said_before(harness.ben, "Shall we &lt;go&gt;?")
    reply = await harness.said_before(harness.ana, "Yes", thread=root.ts)
    async with harness.running():
        lines = (await use(harness, "read_slack_link", link(reply))).splitlines()
    assert [line.partition("] ")[2] for line in lines] == [
        "Ben: Shall we <go>?",
        f"{MARKED} Ana: Yes",
    ]


async def test_a_message_in_the_middle_of_a_long_thread(harness: BotHarness) -> None:
    """What a link is to is read, with what stands around it, however long the thread is."""
    root = await harness.said_before(harness.ben, "the beginning")
    replies = [
        harness.workspace.post(
            harness.ben, harness.general, new_version(f"{n} {text}"), thread_ts=root.ts
        )
        for text in ("short", "long " * 100)
        for n in range(300)
    ]
    async with harness.running():
        early = (await use(harness, "read_slack_link", link(replies[5]))).splitlines()
        late = (await use(harness, "read_slack_link", link(replies[450]))).splitlines()
    assert early[0].endswith("Ben: the beginning")
    assert early[6].endswith(f"{MARKED} Ben: 5 short")
    assert len(early) == builtin.MOST_MESSAGES + 1
    assert early[-1] == builtin.LATER
    assert (late[0], late[-1]) == (builtin.EARLIER, builtin.LATER)
    assert late[len(late) // 2].partition("] ")[2].startswith(f"{MARKED} Ben: 150 long")


@given(st.lists(st.integers(0, 9), min_size=1, max_size=30), st.data(), st.integers(0, 99))
def test_what_stands_around(sizes: list[int], data: st.DataObject, room: int) -> None:
    """The one that is meant is there, the others fit, and none more would."""
    at = data.draw(st.integers(0, len(sizes) - 1))
    found = builtin.around(sizes, at, room)
    assert at in found
    spare = room - sum(sizes[n] for n in found)
    assert spare >= 0 or len(found) == 1
    beside = [n for n in (found.start - 1, found.stop) if 0 <= n < len(sizes)]
    assert all(sizes[n] > spare for n in beside)


async def test_threads_that_the_asker_can_not_see(harness: BotHarness) -> None:
    """What a person can't see in Slack the bot does not read for them, though it could."""
    secret = harness.workspace.add_channel("board", members=[harness.ben], private=True)
    mine = harness.workspace.direct_message(harness.ben)
    guest = harness.workspace.add_person("Gus", restricted=True)
    harness.general.members.add(guest.id)
    lobby = harness.workspace.add_channel("lobby", members=[harness.ben])
    async with harness.running():
        hidden = await harness.workspace.say(harness.ben, secret, "a secret")
        harness.model.enqueue("Hi.")
        private = await harness.workspace.say(harness.ben, mine, "another secret")
        public = await harness.workspace.say(harness.ben, lobby, "no secret")
        for message in (hidden, private):
            not_seen = await use(harness, "read_slack_link", link(message))
            assert not_seen == f"Error: {builtin.NOT_SEEN}"
        assert "no secret" in await use(harness, "read_slack_link", link(public))
        of_a_guest = await use(harness, "read_slack_link", link(public), person=guest)
        assert of_a_guest == f"Error: {builtin.NOT_SEEN}"


async def test_private_threads_are_not_carried_around(harness: BotHarness) -> None:
    """What not everybody can see is read where it stands and in direct messages, and not before
    others: somebody else may have talked the model into it.
    """
    board = harness.workspace.add_channel("board", members=[harness.ben], private=True)
    mine = harness.workspace.direct_message(harness.ben)
    async with harness.running():
        hidden = await harness.workspace.say(harness.ben, board, "a secret")
        for where, seen in ((board, True), (mine, True), (harness.general, False)):
            told = await use(
                harness, "read_slack_link", link(hidden), person=harness.ben, channel=where
            )
            assert ("a secret" in told) is seen


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ('{"link": "https://example.com/"}', "That is no link to a message in Slack."),
        (
            '{"link": "https://example.slack.com/archives/C1/p1700000000000100"}',
            builtin.NOT_SEEN,
        ),
    ],
)
async def test_links_that_lead_nowhere(harness: BotHarness, arguments: str, problem: str) -> None:
    """What is no link, and a link to nothing, is a sentence for the model."""
    async with harness.running():
        assert await use(harness, "read_slack_link", arguments) == f"Error: {problem}"


async def test_a_search(harness: BotHarness) -> None:
    """Other threads of the same channel are searched, and no other channel's."""
    other = harness.workspace.add_channel("other", members=[harness.ana])
    async with harness.running():
        await harness.verify_dialog(
            [(f"{harness.bot.mention} where is the KEY?", "In the blue box.")]
        )
        await harness.verify_dialog([(f"{harness.bot.mention} where is the key?", "Lost.")], other)
        found = await use(harness, "search_conversations", '{"words": "key box"}')
        assert found.partition("]\n")[2] == "Ana: where is the KEY?\n(answer) In the blue box."
        assert (
            await use(harness, "search_conversations", '{"words": "lost"}') == "Nothing was found."
        )
        nothing = await use(harness, "search_conversations", '{"words": " "}')
        assert nothing == "Error: Say which words to look for."


async def test_words_in_a_long_text(harness: BotHarness) -> None:
    """Of a long text that part is shown in which the words stand."""
    async with harness.running():
        rest = "word " * 300
        await harness.verify_dialog(
            [(f"{harness.bot.mention} {rest}the KEY is blue. {rest}", "Aye.")]
        )
        found = await use(harness, "search_conversations", '{"words": "key"}')
    assert re.search(r"Ana: ….{100}KEY is blue\. .*…\n\(answer\) Aye\.$", found)
    assert len(found) < builtin.EXCERPT + 100


async def test_files_and_what_was_said_aloud(harness: BotHarness) -> None:
    """A search finds the words of recordings; a thread that is read names the files in it."""
    harness.model.media.transcript = "Where is the KEY?"
    memo = harness.workspace.share(harness.ana, "memo.m4a", sample_files.clip(), "audio/mp4")
    async with harness.running({"OPENAI_TRANSCRIBE_MODEL": "listener"}):
        harness.model.enqueue("In the blue box.")
        question, _ = await harness.ask("", memo)
        found = await use(harness, "search_conversations", '{"words": "key box"}')
        assert "Ana: [spoken] Where is the KEY?" in found
        assert "Ana: [file: memo.m4a]" in await use(harness, "read_slack_link", link(question))
