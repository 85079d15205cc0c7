"""The bot exits with its playground."""

import asyncio
import sys

from slackbot.playground.bot_process import CONNECTED_LINE
from tests.harness import BotHarness


async def test_the_end_of_the_playground(harness: BotHarness) -> None:
    """The bot runs while its standard input is open, and exits when it closes."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "slackbot.playground.supervised_bot"),
        env=harness.environment,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    assert process.stdout is not None
    assert process.stdin is not None
    assert (await process.stdout.readline()).decode().strip() == CONNECTED_LINE
    harness.model.enqueue("Here.")
    question = await harness.mention("are you there?")
    await harness.answered(question, "Here.")
    process.stdin.close()
    await process.communicate()
    assert process.returncode == 1
    await harness.workspace.until(lambda: harness.workspace.connections == 0)
