"""One person's message makes the bot read as much of Slack as they like, at everybody's cost."""

import json
from collections import Counter
from collections.abc import Sequence
from itertools import cycle, islice

import pytest

from slackbot.conversation.turn_reads import MAX_NAMES, MAX_SEARCHES, MAX_TOOL_CALLS
from slackbot.instructions import texts as instructions_texts
from slackbot.markdown.mrkdwn import MAX_MENTIONED_PEOPLE
from slackbot.playground.fake_openai.script import Script, calls, calls_together
from slackbot.playground.fake_slack.documents import add_canvas
from slackbot.playground.fake_slack.faults import Fault, FaultAnswer
from slackbot.playground.fake_slack.members import Channel
from slackbot.playground.fake_slack.messages import PostedMessage, new_version
from slackbot.playground.fake_slack.rate_limits import RateLimits
from slackbot.tools import texts
from tests.harness import BotHarness
from tests.instructions_harness import InstructionsHarness
from tests.tools.tool_calls import read_link, tool_results

READS = ("conversations.", "users.", "usergroups.", "files.info")

MAX_HISTORY_PAGES = 13
"""Of the thread in which the bot is asked: the first, and two in each of six windows."""

MAX_FILES = 20

MAX_READS = MAX_NAMES + MAX_TOOL_CALLS + MAX_HISTORY_PAGES + MAX_FILES

pytestmark = pytest.mark.timeout(200)  # some hundred calls, on a busy machine

NO_LIMITS = RateLimits(conversations=10**6, members=10**6, users=10**6, groups=10**6, files=10**6)


@pytest.fixture(autouse=True)
def open_slack(harness: BotHarness) -> None:
    """Slack refuses nothing: what holds calls back is the bot."""
    harness.workspace.limits = NO_LIMITS


def reads(harness: BotHarness) -> Counter[str]:
    """How often each method was called that only reads."""
    methods = (call.method for call in harness.workspace.calls)
    return Counter(method for method in methods if method.startswith(READS))


def long_thread(harness: BotHarness, channel: Channel, start: int) -> PostedMessage:
    """A thread of 600 messages, most of them on its last day. Returns one in the middle."""
    root = f"{start}.000000"
    for number in range(600):
        seconds = number * 86_400 if number < 100 else 100 * 86_400 + number
        message = PostedMessage(
            channel.id,
            f"{start + seconds}.000000",
            harness.ben,
            [new_version(f"message {number}")],
            thread_ts=root,
        )
        harness.workspace.add_message(message)
    return harness.workspace.messages[channel.id, f"{start + 100 * 86_400 + 350}.000000"]


async def ended(harness: BotHarness, question: PostedMessage) -> None:
    """Until the question is answered, which takes a while here."""
    await harness.workspace.until(
        lambda: any("So." in answer.shown for answer in harness.answers(question)), 150.0
    )


def link_call(message: PostedMessage, number: int) -> Script:
    link = (
        f"https://x.slack.com/archives/{message.channel}/p{message.ts.replace('.', '')}"
        f"?thread_ts={message.thread_ts}"
    )
    return calls("read_slack_link", json.dumps({"link": link}), call_id=f"call_{number}")


def rounds(scripts: Sequence[Script]) -> list[Script]:
    """Ten rounds of sixteen calls."""
    return [calls_together(*scripts[start : start + 16]) for start in range(0, 160, 16)]


async def test_a_question_with_many_links(harness: BotHarness) -> None:
    """Its tools make so many calls together, and the model is told that there are no more; the
    next question may make as many again.
    """
    threads = [
        long_thread(harness, harness.general, 1_500_000_000 + number) for number in range(16)
    ]
    others = [
        harness.workspace.post(harness.ben, harness.general, new_version(f"{number}"))
        for number in range(144)
    ]
    messages = [*threads, *others]
    async with harness.running():
        scripts = [link_call(message, number) for number, message in enumerate(messages)]
        harness.model.enqueue(*rounds(scripts), "So.")
        await ended(harness, await harness.mention("read all of these"))
        count = reads(harness)
        assert count.total() <= MAX_TOOL_CALLS + MAX_NAMES
        results = tool_results(harness)
        assert len(results) == 160
        assert results.count(f"Error: {texts.TOO_MANY_READS}") > 100
        assert "message 350" in await read_link(harness, threads[0])


async def test_the_same_link_again_and_again(harness: BotHarness) -> None:
    """It is read once for a question, also if it is asked for at the same time."""
    message = await harness.said_before(harness.ben, "hello")
    async with harness.running():
        harness.model.enqueue(*rounds([link_call(message, number) for number in range(160)]), "So.")
        await ended(harness, await harness.mention("read it"))
    assert reads(harness)["conversations.replies"] == 1
    assert all("hello" in result for result in tool_results(harness))


async def test_everything_in_one_message(harness: BotHarness) -> None:
    """A late mention in a long thread of many people, which mentions 2,000 people and 500 channels,
    brings canvases that mention others, and lets the model read links: a bounded number of calls.
    """
    workspace, general = harness.workspace, harness.general
    people = [workspace.add_person(f"p{number}") for number in range(200)]
    root = await harness.said_before(harness.ben, "hello")
    for number in range(1_000):
        text = new_version(f"{number}")
        workspace.post(people[number % 200], general, text, thread_ts=root.ts)
    strangers = [f"<@U0{number:08}>" for number in range(2_000)]
    places = [f"<#C0{number:08}|>" for number in range(500)]
    groups = [f"<!subteam^S0{number:08}>" for number in range(500)]
    files = [
        workspace.files.json(
            add_canvas(
                workspace.files,
                harness.ana,
                f"canvas {number}",
                " ".join(f"@U{number}X{person:05}" for person in range(200)),
            )
        )
        for number in range(10)
    ]
    threads = [long_thread(harness, general, 1_500_000_000 + number) for number in range(16)]
    said = f"{harness.bot.mention} {' '.join((*strangers, *places, *groups))}"
    async with harness.running():
        harness.model.enqueue(
            calls_together(*(link_call(each, number) for number, each in enumerate(threads))),
            "So.",
        )
        question = await workspace.say(harness.ana, general, said, files=files, thread=root.ts)
        await ended(harness, question)
    assert reads(harness).total() <= MAX_READS


async def test_searches(harness: BotHarness) -> None:
    """Each reads all that is stored about the channel, so there are few; the same one is free."""
    async with harness.running():
        scripts = [
            calls("search_conversations", json.dumps({"words": word}), call_id=f"{word}{number}")
            for number in range(8)
            for word in (*["same"] * 10, *(f"w{number}x{each}" for each in range(10)))
        ]
        harness.model.enqueue(*rounds(scripts), "So.")
        await ended(harness, await harness.mention("search"))
    results = Counter(tool_results(harness))
    assert results[texts.NOTHING_FOUND] == MAX_SEARCHES - 1 + 80
    assert results[f"Error: {texts.TOO_MANY_SEARCHES}"] == 80 - MAX_SEARCHES + 1


@pytest.mark.parametrize("method", ["conversations.replies", "conversations.members"])
async def test_cursors_in_a_circle(harness: BotHarness, method: str) -> None:
    """Pages that name each other as the next one are read once each."""
    board = harness.workspace.add_channel("board", members=[harness.ana], private=True)
    message = harness.workspace.post(harness.ana, board, new_version("hello"))
    mine = harness.workspace.direct_message(harness.ana)
    content: dict[str, dict[str, list[str]]] = {
        "conversations.replies": {"messages": []},
        "conversations.members": {"members": []},
    }
    for cursor in islice(cycle(["one", "two", "three"]), 100):
        page = {"ok": True, **content[method], "response_metadata": {"next_cursor": cursor}}
        harness.workspace.faults.add(method, Fault("answer", FaultAnswer(200, page, {})))
    async with harness.running():
        await read_link(harness, message, channel=mine)
    assert reads(harness)[method] <= 4


async def test_instructions_that_mention_many(harness: BotHarness) -> None:
    """Of the people and channels in instructions, some are named; and few people are allowed at
    once.
    """
    async with harness.running():
        team = InstructionsHarness(harness)
        await team.command(team.ada, "show")
        before = reads(harness).total()
        people = " ".join(f"<@U0{number:08}>" for number in range(800))
        assert "version 1" in await team.command(team.ada, f"set {people}")
        assert reads(harness).total() - before <= MAX_MENTIONED_PEOPLE + 5
        before = reads(harness).total()
        answer = await team.command(team.ada, f"allow {people}")
        assert answer == instructions_texts.TOO_MANY_PEOPLE
        assert reads(harness).total() == before
