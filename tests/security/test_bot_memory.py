"""A program of the same user, such as an MCP server, looks for tokens in the bot's process."""

import asyncio
import resource
import sys
from asyncio.subprocess import Process
from pathlib import Path

import pytest

from tests.command import until_connected
from tests.harness import BotHarness

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")

ROOT = Path(__file__).parents[2]

AS_A_USER = (
    f"import sys; sys.path.insert(0, {str(ROOT)!r}); import runpy; "
    "from slackbot.attachments.extraction.isolation.privileges import drop_capabilities; "
    "drop_capabilities(); "
)
"""Root can look into every process. Without its capabilities it is a user like others."""

LOOK = """
from asyncio.subprocess import Process
from pathlib import Path
for name in ("environ", "mem", "maps", "cwd", "fd/0"):
    path = Path("/proc", sys.argv[1], name)
    try:
        path.readlink() if name in ("cwd", "fd/0") else path.open()
        print(name)
    except PermissionError:
        pass
"""


async def start(code: str, *arguments: str, environment: dict[str, str], folder: Path) -> Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", AS_A_USER + code, *arguments),
        cwd=folder,
        env=environment,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def seen(process: Process, folder: Path) -> list[str]:
    """What another process of the same user can open of this one."""
    looking = await start(LOOK, str(process.pid), environment={}, folder=folder)
    output, errors = await looking.communicate()
    assert errors == b""
    return output.decode().split()


async def test_a_usual_process_is_open(tmp_path: Path) -> None:
    """So the other test can fail: the look into a process that does nothing about it works."""
    code = "print(flush=True); sys.stdin.read()"
    process = await start(code, environment={"TOKEN": "x"}, folder=tmp_path)
    assert process.stdout is not None
    await process.stdout.readline()
    assert await seen(process, tmp_path) == ["environ", "mem", "maps", "cwd", "fd/0"]
    process.kill()
    await process.communicate()


@pytest.mark.parametrize("module", ["slackbot", "slackbot.playground.supervised_bot"])
async def test_the_bot_is_closed(harness: BotHarness, tmp_path: Path, module: str) -> None:
    """Its environment, memory and files are its own, and a crash leaves no copy of them."""
    code = f"runpy.run_module({module!r}, run_name='__main__', alter_sys=True)"
    environment = dict(harness.environment)
    process = await start(code, "serve", environment=environment, folder=tmp_path)
    await until_connected(process)
    assert await seen(process, tmp_path) == []
    assert resource.prlimit(process.pid, resource.RLIMIT_CORE) == (0, 0)
    process.kill()
    await process.communicate()
