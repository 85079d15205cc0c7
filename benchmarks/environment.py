"""The ground of the benchmarks: the real bot as a process between a workspace and a model."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from slackbot.playground.fake_openai.server import ModelServer
from slackbot.playground.fake_slack.messages import PostedMessage
from slackbot.playground.fake_slack.workspace import Workspace

CONNECTED_LINES = 6
"""What `slackbot serve` prints once it is connected."""


@asynccontextmanager
async def bot(
    workspace: Workspace, model: ModelServer, folder: Path, **changes: str
) -> AsyncIterator[int]:
    """`slackbot serve` runs while the block runs; gives its process id."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "slackbot", "serve"),
        env={
            "PATH": os.environ["PATH"],
            "DATABASE_URL": f"sqlite:///{folder / 'slackbot.db'}",
            **environment(workspace, model),
            **changes,
        },
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    for _ in range(CONNECTED_LINES):
        await process.stdout.readline()
    try:
        yield process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        await process.communicate()


def environment(workspace: Workspace, model: ModelServer) -> dict[str, str]:
    """The settings with which the bot finds the two."""
    return {
        "SLACK_BOT_TOKEN": workspace.bot_token,
        "SLACK_APP_TOKEN": workspace.app_token,
        "SLACK_API_URL": workspace.url,
        "OPENAI_API_KEY": "sk-benchmark",
        "OPENAI_BASE_URL": model.url,
        "LOG_LEVEL": "ERROR",
    }


@asynccontextmanager
async def folder() -> AsyncIterator[Path]:
    with TemporaryDirectory() as name:
        yield Path(name)


def answers(workspace: Workspace, question: PostedMessage) -> list[PostedMessage]:
    channel = workspace.channels[question.channel]
    thread = workspace.thread(channel, question.ts)
    return [message for message in thread if message.author == workspace.bot]


def cpu_seconds(pid: int) -> float:
    """User and system time that a process has taken."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_mib(pid: int) -> float:
    """What of a process is in memory."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20
