"""A turn that fails or breaks off for a moment is taken again, with the tools it used by then."""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from slackbot.conversation.ids import ChannelId, TeamId, Ts
from slackbot.conversation.messages import ThreadKey
from slackbot.playground.fake_openai.script import Script, calls, says
from slackbot.playground.fake_slack.faults import Fault
from slackbot.store import keys
from tests.harness import BotHarness, Request, echo
from tests.store.faults import failing_reads
from tests.tools import sample_tools

TOOLS = {"SLACKBOT_TOOLS": "tests.tools.sample_tools"}


@pytest.fixture(autouse=True)
def fresh_tools() -> Iterator[None]:
    """Clears what the tools recorded after each test."""
    sample_tools.runs.clear()
    sample_tools.gate, sample_tools.begun = asyncio.Event(), asyncio.Event()
    yield
    sample_tools.runs.clear()


class FirstError(logging.Handler):
    """Sets `seen` when an error is logged."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.seen = asyncio.Event()

    def emit(self, record: logging.LogRecord) -> None:  # noqa: ARG002 - any error will do
        self.seen.set()


@contextmanager
def error_logged() -> Iterator[asyncio.Event]:
    """The event is set once the bot's turns log an error within the block."""
    handler, logger = FirstError(), logging.getLogger("slackbot.turns")
    logger.addHandler(handler)
    try:
        yield handler.seen
    finally:
        logger.removeHandler(handler)


async def test_regenerate_survives_a_failed_read(harness: BotHarness) -> None:
    """An answer is written again although the store fails to read it the first time."""
    async with harness.running():
        harness.model.enqueue("Ahoy.", says("one two.").held(after=1), "Ahoy again.")
        root = await harness.mention("hello")
        await harness.finished(root)
        await harness.service.bot.idle()
        (first,) = harness.answers(root)
        await harness.mention("count", thread=root.ts)
        await harness.answered(root, "Ahoy.", "one")
        await harness.workspace.click(harness.ana, first, "slackbot_again")
        await harness.workspace.click(harness.ana, first, "slackbot_feedback", "good")
        await harness.workspace.until(lambda: harness.workspace.ephemerals)  # both are stored now
        thread = ThreadKey(
            TeamId(harness.workspace.team.team_id), ChannelId(root.channel), Ts(root.ts)
        )
        url = harness.environment["DATABASE_URL"]
        with error_logged() as error, failing_reads(url, keys.turn_key(thread, 0)):
            harness.model.release()
            await error.wait()
        await harness.answered(root, "Ahoy again.", "one two.")


def uses_add_once(request: Request) -> Script | str:
    """A model that adds before it answers."""
    *_, last = request["messages"]
    return calls("add", '{"a": 1}') if last["role"] == "user" else "Done."


async def test_each_turn_keeps_its_own_tools(harness: BotHarness) -> None:
    """Two turns of one thread that break off in the middle of their tools, one by one, both go on
    with what they had: no tool runs twice.
    """
    broken_off = (calls("add", '{"a": 1}'), says("It is").held(after=1))

    async def until_broken_off(requests: int) -> None:
        await harness.model.until(lambda: len(harness.model.streams) == requests)
        await harness.workspace.until(lambda: harness.answers(root)[-1].shown.startswith("It"))
        harness.service.bot.abandon()

    async with harness.running(TOOLS, grace=0.0):
        harness.model.enqueue("Ahoy.", *broken_off)
        root = await harness.mention("hello")
        await harness.finished(root)
        await harness.service.bot.idle()
        await harness.press(harness.ana, root, "again")
        await harness.model.until(lambda: len(harness.model.streams) == 3)
        await harness.mention("and you?", thread=root.ts)
        await until_broken_off(3)
    async with harness.running(TOOLS, grace=0.0):
        harness.model.enqueue(*broken_off)
        await until_broken_off(5)
    async with harness.running(TOOLS):
        harness.model.answer = uses_add_once
        await harness.answered(root, *["Done.\n\n🔧 _Used `add`_"] * 2)
    assert sample_tools.runs["add"] == 2


async def test_a_late_message_joins_a_turn_that_broke_off(harness: BotHarness) -> None:
    """An older message that arrives late joins the turn that was taken when the process ended, and
    what that process had posted becomes the answer to both.
    """
    workspace = harness.workspace
    harness.model.answer = echo
    async with harness.running(grace=0.0):
        root = await harness.mention("hello")
        await harness.answered(root, "To: hello.")
        await harness.service.bot.idle()
        workspace.faults.add("chat.[ps]*", Fault.hang())  # however the answer begins
        async with workspace.hold_events() as held:
            await harness.mention("a", thread=root.ts)
            (late, *_) = held
            await harness.mention("b", thread=root.ts)
            await workspace.release(held[-1])
            await workspace.until(lambda: workspace.held_calls)
            await workspace.release(late)
            harness.service.bot.abandon()
    workspace.release_calls()
    async with harness.running():
        await harness.answered(root, "To: hello.", "To: a + b.")
