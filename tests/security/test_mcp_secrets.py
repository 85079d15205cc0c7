"""What an MCP server learns of the bot, what is left of it, and what the log says of secrets."""

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from slackbot.logs import HIDDEN
from tests.command import serving, until_connected
from tests.harness import BotHarness
from tests.security.hostile_http_server import SESSION, hostile_http_server
from tests.security.mcp_stage import HostileServer, reads, settings
from tests.tools.tool_calls import call_tool

AS_ORDINARY_USER = ("setpriv", "--bounding-set=-all") if os.getuid() == 0 else ()
"""Root can read everything, unless it has no capabilities."""

HEADER, QUERY, ARGUMENT = "header-secret-1", "query secret/2", "argument-secret-3"
KEY = "-----BEGIN KEY-----\nc2VjcmV0\n-----END KEY-----\n"
SECRETS = {"HEADER": HEADER, "QUERY": QUERY, "ARGUMENT": ARGUMENT}


@pytest.fixture
def server(tmp_path: Path) -> HostileServer:
    return HostileServer(tmp_path)


@asynccontextmanager
async def bot(folder: Path, environment: Mapping[str, str]) -> AsyncIterator[Process]:
    """The bot as a process of its own, and what it writes to its log."""
    process = await serving(folder, **environment)
    async with ending(process):
        yield process


@asynccontextmanager
async def ending(process: Process) -> AsyncIterator[None]:
    """The process ends with the block."""
    try:
        yield
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.communicate()


async def log_of(process: Process) -> str:
    process.terminate()
    _, errors = await process.communicate()
    return errors.decode()


async def test_no_secret_in_the_log(
    harness: BotHarness, tmp_path: Path, server: HostileServer
) -> None:
    """Not at DEBUG either: not what `${NAME}` stands for, not the query of a URL, not the session,
    no matter who writes it to the log.
    """
    server.says(reads("echo"), stderr=f"\x1b[31mstarting\r with {ARGUMENT} and more")
    async with hostile_http_server() as http:
        mcp = settings(
            tmp_path,
            evil={
                "url": f"{http.url}?key=${{QUERY}}",
                "headers": {"Authorization": "Bearer ${HEADER}"},
            },
            program={**server.config(), "env": {"TOKEN": "${ARGUMENT}"}},
            gone={"url": "http://user:${HEADER}@127.0.0.1:9/mcp?key=${QUERY}"},
        )
        environment = {**harness.environment, **mcp, **SECRETS, "LOG_LEVEL": "DEBUG"}
        async with bot(tmp_path, environment) as process:
            told = await call_tool(harness, "evil_tell")
            assert await call_tool(harness, "program_echo") == "{}"
            log = await log_of(process)
    for secret in (HEADER, ARGUMENT, "query secret", "query%20secret", "query+secret", SESSION):
        assert secret not in log
        assert secret not in told
    assert HIDDEN in told
    assert f"MCP server program wrote: '\\x1b[31mstarting\\r with {HIDDEN} and more'\n" in log
    assert "MCP server gone: " in log


@pytest.mark.parametrize("before", [494, 8_188, 16_380])
async def test_secret_where_the_log_is_cut(
    harness: BotHarness, tmp_path: Path, server: HostileServer, before: int
) -> None:
    """Wherever a long line is cut for the log, no half of a secret is in it."""
    secret = "Zm9yIG5vYm9keSdzIGV5ZXM"
    server.says(reads("echo"), stderr=f"{'x' * before}{secret}\n{KEY}")
    mcp = settings(
        tmp_path, evil={**server.config(), "env": {"TOKEN": "${TOKEN}", "KEY": "${KEY}"}}
    )
    environment = {**harness.environment, **mcp, "TOKEN": secret, "KEY": KEY, "LOG_LEVEL": "DEBUG"}
    async with bot(tmp_path, environment) as process:
        assert await call_tool(harness, "evil_echo") == "{}"
        log = await log_of(process)
    assert "MCP server evil wrote: " in log
    assert not [at for at in range(len(secret) - 5) if secret[at : at + 6] in log]
    assert "c2VjcmV0" not in log


async def test_standard_error_without_end(
    harness: BotHarness, tmp_path: Path, server: HostileServer
) -> None:
    """A program does not fill the log, and does not forge its lines."""
    server.says(reads("echo"), stderr="2026-01-01 ERROR slackbot: forged\n" * 5_000 + "x" * 10**6)
    mcp = settings(tmp_path, evil=server.config())
    environment = {**harness.environment, **mcp, "LOG_LEVEL": "DEBUG"}
    async with bot(tmp_path, environment) as process:
        assert await call_tool(harness, "evil_echo") == "{}"
        log = await log_of(process)
    assert log.count("forged") <= 200
    assert "\n2026-01-01 ERROR slackbot: forged" not in log
    assert "MCP server evil wrote more, which is not logged" in log
    assert max(map(len, log.splitlines())) < 5_000


async def test_a_program_gets_no_more_than_it_needs(
    harness: BotHarness, tmp_path: Path, server: HostileServer
) -> None:
    """The variables that the file names and a few of the system, and three pipes."""
    server.says(reads("environment"), reads("descriptors"))
    mcp = settings(tmp_path, evil=server.config(env={"MODE": "${MODE}"}))
    environment = {**harness.environment, **mcp, "MODE": "read", "MORE": "more"}
    async with bot(tmp_path, environment):
        variables = json.loads(await call_tool(harness, "evil_environment"))
        descriptors = json.loads(await call_tool(harness, "evil_descriptors"))
    assert variables["MODE"] == "read"
    system = {"HOME", "LOGNAME", "PATH", "SHELL", "TERM", "USER", "LC_CTYPE"}
    assert variables.keys() <= {"MODE", *system}
    kinds = {number: target.partition(":")[0] for number, target in descriptors.items()}
    assert kinds.keys() - {"3"} == {"0", "1", "2"}  # 3 is that of its own listing
    assert "slackbot.db" not in json.dumps(descriptors)


async def test_a_program_has_a_session_of_its_own(
    harness: BotHarness, tmp_path: Path, server: HostileServer
) -> None:
    """Ctrl-C in the bot's terminal does not reach it."""
    server.says(reads("session"))
    async with harness.running(settings(tmp_path, evil=server.config())):
        process, _, session, group = json.loads(await call_tool(harness, "evil_session"))
    assert process == session == group
    assert session != os.getsid(0)


@pytest.mark.parametrize("end", ["stop", "kill"])
@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no subreaper")
async def test_nothing_of_a_program_is_left(
    harness: BotHarness, tmp_path: Path, server: HostileServer, end: str
) -> None:
    """A program that ignores SIGTERM, and a process that it hid in another session, end with the
    bot, also if the bot is killed.
    """
    server.says(reads("orphans"), reads("session"))
    mcp = settings(tmp_path, evil=server.config())
    async with bot(tmp_path, {**harness.environment, **mcp}) as process:
        orphan = int(await call_tool(harness, "evil_orphans"))
        program, supervisor, *_ = json.loads(await call_tool(harness, "evil_session"))
        assert all(map(is_alive, (orphan, program, supervisor)))
        if end == "kill":
            process.kill()
        else:
            process.terminate()
        await process.wait()
        async with asyncio.timeout(20):
            while any(map(is_alive, (orphan, program, supervisor))):  # noqa: ASYNC110
                await asyncio.sleep(0.05)


def is_alive(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no /proc")
async def test_a_program_can_not_read_the_bots_memory(
    harness: BotHarness, tmp_path: Path, server: HostileServer
) -> None:
    """It is the same user's, and finds the bot's tokens nowhere in /proc."""
    server.says(reads("others_secrets"))
    mcp = settings(tmp_path, evil=server.config())
    process = await asyncio.create_subprocess_exec(
        *AS_ORDINARY_USER,
        sys.executable,
        "-m",
        "slackbot",
        "serve",
        cwd=tmp_path,
        env={**harness.environment, **mcp, "PATH": os.environ["PATH"]},
        stdout=PIPE,
        stderr=PIPE,
    )
    async with ending(process):
        await until_connected(process)
        word = json.dumps({"word": harness.workspace.bot_token})
        assert json.loads(await call_tool(harness, "evil_others_secrets", word)) == []
