import pytest
from hypothesis import given
from hypothesis import strategies as st

from slackbot.playground.fake_slack.faults import Fault
from slackbot.playground.fake_slack.messages import new_version
from slackbot.tools import texts
from slackbot.tools.message_link_reader import MAX_MESSAGES, window
from tests.harness import BotHarness
from tests.tools.tool_calls import call_tool, read_link

MARK = texts.LINKED_MESSAGE.strip()


async def test_visible_thread(harness: BotHarness) -> None:
    """A link gives its whole thread, with a mark at the linked message."""
    root = await harness.said_before(harness.ben, "Shall we &lt;go&gt;?")
    reply = await harness.said_before(harness.ana, "Yes", thread=root.ts)
    async with harness.running():
        lines = (await read_link(harness, reply)).splitlines()
    assert [line.partition("] ")[2] for line in lines] == [
        "Ben: Shall we <go>?",
        f"{MARK} Ana: Yes",
    ]


async def test_long_thread(harness: BotHarness) -> None:
    """Of a long thread, the linked message is read with the messages around it."""
    root = await harness.said_before(harness.ben, "the beginning")
    replies = [
        harness.workspace.post(
            harness.ben, harness.general, new_version(f"{n} {text}"), thread_ts=root.ts
        )
        for text in ("short", "long " * 100)
        for n in range(300)
    ]
    async with harness.running():
        early = (await read_link(harness, replies[5])).splitlines()
        late = (await read_link(harness, replies[450])).splitlines()
    assert early[0].endswith("Ben: the beginning")
    assert early[6].endswith(f"{MARK} Ben: 5 short")
    assert len(early) == MAX_MESSAGES + 1
    assert early[-1] == texts.LATER_MESSAGES_OMITTED
    assert (late[0], late[-1]) == (texts.EARLIER_MESSAGES_OMITTED, texts.LATER_MESSAGES_OMITTED)
    assert late[len(late) // 2].partition("] ")[2].startswith(f"{MARK} Ben: 150 long")


@given(st.lists(st.integers(0, 9), min_size=1, max_size=30), st.data(), st.integers(0, 99))
def test_window(sizes: list[int], data: st.DataObject, room: int) -> None:
    """The item itself is in the window, the others fit, and no further one would."""
    center = data.draw(st.integers(0, len(sizes) - 1))
    found = window(sizes, center, room)
    assert center in found
    rest = room - sum(sizes[n] for n in found)
    assert rest >= 0 or len(found) == 1
    neighbours = [n for n in (found.start - 1, found.stop) if 0 <= n < len(sizes)]
    assert all(sizes[n] > rest for n in neighbours)


async def test_hidden_threads(harness: BotHarness) -> None:
    """The bot does not read for a person what that person can't see in Slack."""
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
            hidden_result = await read_link(harness, message)
            assert hidden_result == f"Error: {texts.LINK_NOT_VISIBLE}"
        assert "no secret" in await read_link(harness, public)
        guest_result = await read_link(harness, public, person=guest)
        assert guest_result == f"Error: {texts.LINK_NOT_VISIBLE}"


async def test_private_threads_stay_where_they_are(harness: BotHarness) -> None:
    """A thread of a private channel is read there and in direct messages, and not before others:
    somebody else may have talked the model into it.
    """
    board = harness.workspace.add_channel("board", members=[harness.ben], private=True)
    mine = harness.workspace.direct_message(harness.ben)
    async with harness.running():
        hidden = await harness.workspace.say(harness.ben, board, "a secret")
        for channel, is_read in ((board, True), (mine, True), (harness.general, False)):
            result = await read_link(harness, hidden, person=harness.ben, channel=channel)
            assert ("a secret" in result) is is_read


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ('{"link": "https://example.com/"}', texts.NOT_A_LINK),
        (
            '{"link": "https://example.slack.com/archives/C1/p1700000000000100"}',
            texts.LINK_REFUSALS["channel_not_found"],
        ),
    ],
)
async def test_links_to_nothing(harness: BotHarness, arguments: str, problem: str) -> None:
    """Text that is not a link, and a link to nothing, is an error for the model."""
    async with harness.running():
        assert await call_tool(harness, "read_slack_link", arguments) == f"Error: {problem}"


@pytest.mark.parametrize(
    ("method", "fault", "problem"),
    [
        ("conversations.info", Fault.error("missing_scope"), texts.LINK_REFUSALS["missing_scope"]),
        (
            "conversations.replies",
            Fault.error("missing_scope"),
            texts.LINK_REFUSALS["missing_scope"],
        ),
        (
            "conversations.replies",
            Fault.error("not_in_channel"),
            texts.LINK_REFUSALS["not_in_channel"],
        ),
        ("conversations.replies", Fault.error("thread_not_found"), texts.LINK_NOT_VISIBLE),
        ("conversations.replies", Fault.status(503), texts.SLACK_UNREACHABLE),
        ("conversations.info", Fault.rate_limited(1), texts.SLACK_LIMITS.format(seconds=1)),
    ],
    ids=repr,
)
async def test_links_that_the_bot_can_not_follow(
    harness: BotHarness, method: str, fault: Fault, problem: str
) -> None:
    """The model is told why, in one sentence, so that it can tell people what to do."""
    message = await harness.said_before(harness.ben, "hello")
    harness.workspace.faults.add(method, fault, times=4)
    async with harness.running():
        assert await read_link(harness, message) == f"Error: {problem}"
