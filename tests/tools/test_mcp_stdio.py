"""Programs that are started as MCP servers, and ended."""

import asyncio
import os
import sys
from pathlib import Path

import pytest

from slackbot.tools.mcp_config import McpServerConfig
from slackbot.tools.mcp_stdio import stdio_transport

STUBBORN = """\
import os, pathlib, signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
pathlib.Path(sys.argv[1]).write_text(str(os.getpid()))
time.sleep(600)
"""


def program(command: str, *args: str, **more: str) -> McpServerConfig:
    return McpServerConfig.model_validate({"command": command, "args": args, **more})


def ignore_excess() -> None:
    pass


async def test_a_program_that_does_not_end(tmp_path: Path) -> None:
    """It is killed, also if the bot stops waiting for its end."""
    file = tmp_path / "pid"
    leaving = asyncio.Event()

    async def use() -> None:
        config = program(sys.executable, "-c", STUBBORN, str(file))
        async with stdio_transport("a", config, ignore_excess):
            while not file.exists() or not file.read_text():  # noqa: ASYNC110 - no event for it
                await asyncio.sleep(0.01)
            leaving.set()

    using = asyncio.create_task(use())
    await leaving.wait()
    using.cancel()
    with pytest.raises(asyncio.CancelledError):
        await using
    with pytest.raises(ProcessLookupError):
        os.kill(int(file.read_text()), 0)


async def test_a_program_that_is_not_there(tmp_path: Path) -> None:
    """The error names it, whether it was searched for or has a path."""
    for command in ("there-is-no-such-program", "./program"):
        config = program(command, cwd=str(tmp_path))
        with pytest.raises(FileNotFoundError, match=command):
            async with stdio_transport("a", config, ignore_excess):
                pass


async def test_a_program_next_to_its_files(tmp_path: Path) -> None:
    """A path is one in the folder that the file names."""
    script = tmp_path / "program"
    script.write_text("#!/bin/sh\npwd > here\n")
    script.chmod(0o700)
    config = program("./program", cwd=str(tmp_path))
    async with stdio_transport("a", config, ignore_excess) as (read, _):
        async for _ in read:
            pass
    assert (tmp_path / "here").read_text().strip() == str(tmp_path)
