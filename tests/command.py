"""The command line as a process of its own, for the tests."""

import asyncio
import os
import sys
from pathlib import Path


async def start(folder: Path, *arguments: str, **environment: str) -> asyncio.subprocess.Process:
    """The bot's process, in `folder` and with nothing in its environment but this."""
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-W",
        "error",
        "-m",
        "slackbot",
        *arguments,
        cwd=folder,
        env={"PATH": os.environ["PATH"], **environment},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def run(folder: Path, *arguments: str, **environment: str) -> tuple[int, str, str]:
    """Exit code, standard output, standard error."""
    process = await start(folder, *arguments, **environment)
    output, errors = await process.communicate()
    assert process.returncode is not None
    return process.returncode, output.decode(), errors.decode()


async def until_connected(process: asyncio.subprocess.Process) -> list[str]:
    assert process.stdout is not None
    lines = [(await process.stdout.readline()).decode().strip() for _ in range(6)]
    assert lines[0] == "slackbot is connected", lines
    return lines


async def serving(folder: Path, **environment: str) -> asyncio.subprocess.Process:
    """`slackbot serve`, connected."""
    process = await start(folder, "serve", **environment)
    await until_connected(process)
    return process
