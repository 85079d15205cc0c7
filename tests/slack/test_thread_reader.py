"""How much of a thread is read, and what is found there."""

from collections.abc import AsyncIterator, Sequence

import pytest

from slackbot.conversation.ids import ChannelId, TeamId, Ts
from slackbot.conversation.messages import Message, ThreadKey
from slackbot.conversation.post_intent import PostIntent, StreamBeginning
from slackbot.delivery.reply_transport import FoundMessage, ReplyMessageId
from slackbot.playground.fake_slack.messages import PostedMessage, new_version
from slackbot.playground.fake_slack.methods import conversations
from slackbot.playground.fake_slack.rate_limits import RateLimits
from slackbot.slack import thread_reader
from slackbot.slack.client import web_client
from slackbot.slack.identity import identify
from slackbot.slack.reply_metadata import to_metadata
from slackbot.slack.thread_reader import ThreadReader
from tests.harness import BotHarness

START = 1_700_000_000
DAY_SECONDS = 86_400


@pytest.fixture
async def reader(harness: BotHarness) -> AsyncIterator[ThreadReader]:
    async with web_client(harness.workspace.url, harness.workspace.bot_token) as client:
        yield ThreadReader(client, await identify(client))


def thread_of(harness: BotHarness, times: Sequence[float]) -> ThreadKey:
    """A thread of Ben's with messages at these times, in seconds after its start."""
    root = Ts(f"{START}.000000")
    for number, seconds in enumerate([0.0, *times]):
        message = PostedMessage(
            harness.general.id,
            f"{START + seconds:.6f}",
            harness.ben,
            [new_version(str(number))],
            thread_ts=root,
        )
        harness.workspace.add_message(message)
    return ThreadKey(TeamId("T1"), ChannelId(harness.general.id), root)


def numbers(messages: Sequence[Message]) -> list[int]:
    return [int(each.markup) for each in messages]


def calls(harness: BotHarness) -> int:
    return [each.method for each in harness.workspace.calls].count("conversations.replies")


END_SECONDS = 400.0 * DAY_SECONDS


@pytest.mark.parametrize(
    "times",
    [
        [60.0 * number for number in range(1, 4_001)],
        [*(float(number) for number in range(1, 3_900)), *(DAY_SECONDS + n for n in range(100))],
        [
            *(DAY_SECONDS * n / 2 for n in range(1, 200)),
            *(END_SECONDS - 4_000 + n for n in range(3_800)),
        ],
    ],
    ids=["even", "quiet lately", "busy lately"],
)
async def test_the_newest_messages_of_a_long_thread(
    harness: BotHarness, reader: ThreadReader, times: Sequence[float]
) -> None:
    """They take few pages, however the messages are spread over time."""
    thread = thread_of(harness, times)
    before = Ts(f"{START + END_SECONDS:.6f}")
    found = numbers(await reader.newest(thread, before=before, most=200))
    newest = len(times)
    assert found == [0, *range(newest + 2 - len(found), newest + 1)]
    assert len(found) > 100
    assert calls(harness) <= 12


async def test_a_thread_of_one_page(harness: BotHarness, reader: ThreadReader) -> None:
    """It is read at once, up to the message before which it is asked for."""
    thread = thread_of(harness, [float(number) for number in range(1, 150)])
    found = await reader.newest(thread, before=Ts(f"{START + 100}.000000"), most=200)
    assert numbers(found) == [*range(100)]
    assert calls(harness) == 1


async def test_an_app_with_small_pages(
    harness: BotHarness, reader: ThreadReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where Slack gives 15 messages at a time, the newest ones are taken as long as it answers."""
    monkeypatch.setattr(conversations, "MAX_PAGE_SIZE", 15)
    thread = thread_of(harness, [60.0 * number for number in range(1, 1_001)])
    found = numbers(await reader.newest(thread, before=Ts("9999999999.000000"), most=200))
    assert found[0] == 0
    assert found[-1] == 1_000
    assert len(found) >= 22


async def test_an_app_with_one_call_a_minute(
    harness: BotHarness, reader: ThreadReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where Slack gives no second page in time, the beginning of the thread has to do."""
    monkeypatch.setattr(conversations, "MAX_PAGE_SIZE", 15)
    monkeypatch.setattr(thread_reader, "WINDOWS_SECONDS", 0.3)
    harness.workspace.limits = RateLimits(conversations=1)
    thread = thread_of(harness, [60.0 * number for number in range(1, 1_001)])
    found = numbers(await reader.newest(thread, before=Ts("9999999999.000000"), most=200))
    assert found == [*range(15)]


async def test_the_messages_around_one(harness: BotHarness, reader: ThreadReader) -> None:
    """They come from both sides of it."""
    thread = thread_of(harness, [60.0 * number for number in range(1, 4_000)])
    found = numbers(await reader.around(thread, Ts(f"{START + 60 * 2_000}.000000"), most=100))
    assert {*range(1_930, 2_090)} <= {*found}
    assert found[0] == 0
    assert len(found) <= 201


@pytest.mark.parametrize("distance", [1, 1_000, 3_000, 3_990])
async def test_pages_around_one(harness: BotHarness, reader: ThreadReader, distance: int) -> None:
    """They are eight at most, in a thread of which the newest messages are hard to find."""
    quiet = [float(DAY_SECONDS * number) for number in range(1, 100)]
    busy = [float(100 * DAY_SECONDS + number) for number in range(4_000)]
    thread = thread_of(harness, [*quiet, *busy])
    ts = Ts(f"{START + 100 * DAY_SECONDS + distance:.6f}")
    found = await reader.around(thread, ts, most=200)
    assert ts in {each.ts for each in found}
    assert calls(harness) <= 8


QUESTION = Ts(f"{START + 10}.000000")
INTENT = PostIntent(QUESTION, 1, since=QUESTION)


def post_answer(
    harness: BotHarness, thread: ThreadKey, seconds: float, key: str = QUESTION, number: int = 1
) -> None:
    """The bot has posted a message of a reply."""
    message = PostedMessage(
        harness.general.id,
        f"{START + seconds:.6f}",
        harness.bot,
        [new_version("answer")],
        thread_ts=thread.ts,
        metadata=to_metadata(ReplyMessageId(key, number)),
    )
    harness.workspace.add_message(message)


async def test_the_message_of_a_post(harness: BotHarness, reader: ThreadReader) -> None:
    """A post without an answer is found by its reply and its number, if it is newer than the
    intent; what else there is of the reply comes along.
    """
    thread = thread_of(harness, [10.0])
    for seconds, key, number in (
        (9, QUESTION, 1),
        (11, QUESTION, 0),
        (12, "another", 1),
        (13, QUESTION, 1),
        (14, QUESTION, 1),
    ):
        post_answer(harness, thread, seconds, key, number)
    assert await reader.find(thread, INTENT) == [
        FoundMessage(0, Ts(f"{START + 11}.000000")),
        FoundMessage(1, Ts(f"{START + 13}.000000")),
        FoundMessage(1, Ts(f"{START + 14}.000000")),
    ]


@pytest.mark.parametrize(("seconds", "pages"), [(10.5, 1), (2_000.0, 6)])
async def test_a_look_ends_where_the_message_is(
    harness: BotHarness, reader: ThreadReader, seconds: float, pages: int
) -> None:
    """What came after it is not read."""
    thread = thread_of(harness, [10.0])
    for number in range(1_000):
        after = 11.0 + number
        if seconds < after:
            post_answer(harness, thread, seconds)
            seconds = END_SECONDS
        message = PostedMessage(
            harness.general.id,
            f"{START + after:.6f}",
            harness.ben,
            [new_version("more")],
            thread_ts=thread.ts,
        )
        harness.workspace.add_message(message)
    found = await reader.find(thread, INTENT)
    assert len(found) == (pages == 1)
    assert calls(harness) == pages


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("I", "I"),
        ("**Ahoy**, captain", "*Ahoy*, captain"),
        ("# Ahoy\n\nAll is well.", "*Ahoy*\nAll is well."),
        ("A long beginning and", "A long beginning and what came after it"),
        ("See [the docs](https://x.example)", "See <https://x.example|the docs>"),
        ("a < b & c", "a &lt; b &amp; c"),
        ("Ahoy 👋 there", "Ahoy :wave: there"),
        ("<1> [yes](https://x.example/yes) it", "&lt;1&gt; <https://x.example/yes|yes> it"),
        ("```python\nprint()", "```\nprint()"),
        ("https://x.example is it", "<https://x.example> is it"),
    ],
)
async def test_a_stream_is_known_by_its_text(
    harness: BotHarness, reader: ThreadReader, sent: str, shown: str
) -> None:
    """However Slack writes the Markdown that began it; files and other texts are no streams."""
    thread = thread_of(harness, [10.0])
    others = ["Image of a ship", "", "I see", "Done"]
    stream = harness.workspace.post(
        harness.bot, harness.general, new_version(shown), thread_ts=thread.ts
    )
    for text in others:
        harness.workspace.post(harness.bot, harness.general, new_version(text), thread_ts=thread.ts)
    file = harness.workspace.post(
        harness.bot, harness.general, new_version(shown), thread_ts=thread.ts, files=[{"id": "F1"}]
    )
    intent = PostIntent(QUESTION, 0, QUESTION, StreamBeginning(sent))
    assert await reader.find(thread, intent) == [FoundMessage(0, Ts(stream.ts))]
    stream.deleted = True
    assert await reader.find(thread, intent) == []
    assert not file.deleted
