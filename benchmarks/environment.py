"""What the benchmarks share: the real bot as a process between a workspace and a model."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from slackbot.playground.fake_openai.server import ModelServer
from slackbot.playground.fake_slack.messages import PostedMessage
from slackbot.playground.fake_slack.workspace import Workspace

STARTUP_LINES = 6
"""How many lines `slackbot serve` prints until it is connected."""


@asynccontextmanager
async def running_bot(
    workspace: Workspace,
    model: ModelServer,
    folder: Path,
    stalls: Path | None = None,
    /,
    **changes: str,
) -> AsyncIterator[int]:
    """Runs `slackbot serve` while the block runs; gives its process id.

    With `stalls`, a watchdog writes there when the bot's event loop stands still.
    """
    command = ["slackbot", "serve"] if stalls is None else ["benchmarks.watched_bot", str(stalls)]
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", *command),
        env={
            "PATH": os.environ["PATH"],
            "DATABASE_URL": f"sqlite:///{folder / 'slackbot.db'}",
            **bot_environment(workspace, model),
            **changes,
        },
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    for _ in range(STARTUP_LINES):
        await process.stdout.readline()
    try:
        yield process.pid
    finally:
        with suppress(ProcessLookupError):  # it was killed
            process.send_signal(signal.SIGTERM)
        await process.communicate()


def bot_environment(workspace: Workspace, model: ModelServer) -> dict[str, str]:
    """The settings that connect the bot to the workspace and the model."""
    return {
        "SLACK_BOT_TOKEN": workspace.bot_token,
        "SLACK_APP_TOKEN": workspace.app_token,
        "SLACK_API_URL": workspace.url,
        "OPENAI_API_KEY": "sk-benchmark",
        "OPENAI_BASE_URL": model.url,
        "LOG_LEVEL": "ERROR",
    }


@asynccontextmanager
async def temporary_folder() -> AsyncIterator[Path]:
    """A folder that is deleted at the end."""
    with TemporaryDirectory() as name:
        yield Path(name)


def answers(workspace: Workspace, question: PostedMessage) -> list[PostedMessage]:
    """The bot's messages in a question's thread."""
    channel = workspace.channels[question.channel]
    thread = workspace.thread(channel, question.ts)
    return [message for message in thread if message.author == workspace.bot]


def cpu_seconds(pid: int) -> float:
    """The user and system time of a process."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_mib(pid: int) -> float:
    """The resident memory of a process."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20
