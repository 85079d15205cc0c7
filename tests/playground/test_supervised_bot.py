"""The bot exits with its playground."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from slackbot.playground.bot_process import CONNECTED_LINE
from tests.harness import BotHarness


@asynccontextmanager
async def supervised_bot(harness: BotHarness) -> AsyncIterator[asyncio.subprocess.Process]:
    """The connected bot, whose standard input is open."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "slackbot.playground.supervised_bot"),
        env=harness.environment,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    assert process.stdout is not None
    assert (await process.stdout.readline()).decode().strip() == CONNECTED_LINE
    yield process
    await harness.workspace.until(lambda: harness.workspace.connections == 0)


async def test_the_end_of_the_playground(harness: BotHarness) -> None:
    """The bot runs while its standard input is open, and exits when it closes."""
    async with supervised_bot(harness) as process:
        harness.model.enqueue("Here.")
        question = await harness.mention("are you there?")
        await harness.answered(question, "Here.")
        assert process.stdin is not None
        process.stdin.close()
        await process.communicate()
    assert process.returncode == 1


async def test_a_stop(harness: BotHarness) -> None:
    """SIGTERM ends the bot in order, although its standard input stays open."""
    async with supervised_bot(harness) as process:
        process.send_signal(signal.SIGTERM)
        assert await process.wait() == 0
        assert process.stdin is not None
        process.stdin.close()
