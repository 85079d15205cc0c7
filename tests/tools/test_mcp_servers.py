"""Real MCP servers, started as programs and asked over HTTP, with a bot that uses their tools."""

import asyncio
import json
import logging
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from slackbot.llm.tool_calls import INVALID_ARGUMENTS, REJECTED
from slackbot.playground.fake_openai.script import calls
from slackbot.tools.mcp_config import McpServer
from slackbot.tools.mcp_servers import UNFIT, McpConnection
from tests.command import run
from tests.harness import BotHarness

PROGRAM = {"command": sys.executable, "args": ["-m", "tests.tools.sample_mcp_server"]}
ROOT = Path(__file__).parents[2]


def settings(folder: Path, **servers: object) -> Mapping[str, str]:
    path = folder / "mcp.json"
    path.write_text(json.dumps({"mcpServers": servers}))
    return {"SLACKBOT_MCP": str(path)}


def told(harness: BotHarness) -> list[str]:
    messages = harness.model.requests[-1]["messages"]
    return [message["content"] for message in messages if message["role"] == "tool"]


def program(**more: object) -> Mapping[str, object]:
    return {**PROGRAM, "cwd": str(ROOT), **more}


@asynccontextmanager
async def listening(port: int) -> AsyncIterator[None]:
    """A server at that port while the block runs."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.tools.sample_mcp_server", str(port), cwd=ROOT
    )
    try:
        async with asyncio.timeout(20):
            while True:
                try:
                    _, writer = await asyncio.open_connection("127.0.0.1", port)
                except OSError:
                    await asyncio.sleep(0.05)
                else:
                    writer.close()
                    break
        yield
    finally:
        process.kill()
        await process.wait()


@pytest.fixture
def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number: int = free.getsockname()[1]
        return number


async def use(harness: BotHarness, tool: str, arguments: str = "{}") -> str:
    """What the model is told of a call."""
    harness.model.enqueue(calls(tool, arguments), "So.")
    await harness.finished(await harness.mention("go"))
    return told(harness)[-1]


async def test_a_program(harness: BotHarness, tmp_path: Path) -> None:
    """A server that is a program is started, its tools are offered, and used."""
    async with harness.running(settings(tmp_path, harbour=program())):
        assert (await use(harness, "harbour_ships", '{"port": "Rome"}')).startswith(
            "In Rome: the Ann"
        )
        assert json.loads(await use(harness, "harbour_ship", '{"name": "Ann"}')) == {
            "name": "Ann",
            "masts": 3,
        }
        log_book = await use(harness, "harbour_log_book")
        assert log_book.splitlines() == ["Here:", "Nothing but water.", "[image]"]
        assert (await use(harness, "harbour_run_aground")).endswith(": There is sand.")
        assert "port" in await use(harness, "harbour_ships", '{"harbour": 1}')
        assert await use(harness, "harbour_ships", '{"port": "\\ud83d"}') == INVALID_ARGUMENTS
    offered = {
        tool["function"]["name"]: tool["function"] for tool in harness.model.requests[0]["tools"]
    }
    assert offered["harbour_ships"]["description"] == "Which ships are in a port."
    assert offered["harbour_ships"]["parameters"]["required"] == ["port"]


async def test_a_result_that_breaks_a_promise(harness: BotHarness, tmp_path: Path) -> None:
    """A result that does not fit what the server says of it is an error, and no lost connection."""
    async with harness.running(settings(tmp_path, harbour=program())):
        before = await use(harness, "harbour_ships", '{"port": "Rome"}')
        assert await use(harness, "harbour_cargo") == f"Error: {UNFIT.format(name='harbour')}"
        assert await use(harness, "harbour_ships", '{"port": "Rome"}') == before


async def test_over_http(harness: BotHarness, tmp_path: Path, port: int) -> None:
    """A server at an address is asked over HTTP; when it comes back it is used again."""
    address = {"url": f"http://127.0.0.1:{port}/mcp", "headers": {"Authorization": "Bearer x"}}
    async with listening(port):
        bot = harness.running(settings(tmp_path, sea=address))
        await bot.__aenter__()
        first = await use(harness, "sea_ships", '{"port": "Rome"}')
    async with listening(port):
        answers = [await use(harness, "sea_ships", '{"port": "Rome"}') for _ in range(3)]
        await bot.__aexit__(None, None, None)
    assert first.startswith("In Rome")
    assert answers[-1].startswith("In Rome")
    assert answers[-1] != first


async def test_a_server_that_dies(harness: BotHarness, tmp_path: Path) -> None:
    """The model is told of a server that dies in the middle of a call; the next call starts it."""
    async with harness.running(settings(tmp_path, harbour=program())):
        before = await use(harness, "harbour_ships", '{"port": "Rome"}')
        assert await use(harness, "harbour_explode") == (
            "Error: The connection to harbour was lost before the result came. "
            "It may have taken effect."
        )
        after = await use(harness, "harbour_ships", '{"port": "Rome"}')
    assert after.startswith("In Rome")
    assert after != before


async def test_a_server_that_dies_while_nobody_asks() -> None:
    """It is missed when it is asked for its tools the next time, and started again."""
    connection = McpConnection("harbour", McpServer(**program()), look_again=0.1)  # type: ignore[arg-type]
    keeping = asyncio.create_task(connection.keep())
    try:
        await connection.there.wait()
        before = await connection.call("ships", '{"port": "Rome"}')
        connection.try_instructions.clear()
        os.kill(int(before.rpartition(" ")[2]), signal.SIGKILL)
        async with asyncio.timeout(20):
            await connection.try_instructions.wait()
            await connection.there.wait()
        after = await connection.call("ships", '{"port": "Rome"}')
    finally:
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)
    assert after.startswith("In Rome")
    assert after != before


async def test_a_server_that_is_not_there(harness: BotHarness, tmp_path: Path) -> None:
    """The bot works without a server that does not start."""
    missing = {"command": "/there/is/no/such/program"}
    servers = settings(tmp_path, harbour=program(), other=missing)
    async with harness.running(servers):
        assert (await use(harness, "harbour_ships", '{"port": "Rome"}')).startswith("In Rome")


async def test_check(harness: BotHarness, tmp_path: Path) -> None:
    """`slackbot check` says which servers are there, and which are not."""
    environment = {**harness.environment, "PYTHONPATH": str(ROOT)}
    tools = {"SLACKBOT_TOOLS": "tests.tools.sample_tools", **settings(tmp_path, harbour=program())}
    code, said, _ = await run(tmp_path, "check", **environment, **tools)
    assert code == 0
    assert "ok      tools: MCP server harbour is there\n" in said
    assert "\nok      tools: of your own: add, " in said
    wrong = settings(tmp_path, harbour={"command": "/there/is/no/such/program"})
    code, said, _ = await run(tmp_path, "check", **environment, **wrong)
    assert code == 1
    assert "failed  tools: SLACKBOT_MCP names harbour, which can't be reached.\n" in said


async def test_what_may_destroy_is_confirmed(
    harness: BotHarness, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A tool that the server does not call harmless needs a person's yes, unless the file says
    otherwise; the log tells of a name in it that no tool has.
    """
    caplog.set_level(logging.WARNING)
    burn = calls("harbour_burn", '{"name": "Ann"}')
    async with harness.running(settings(tmp_path, harbour=program())):
        harness.model.enqueue(burn, "So.")
        question = await harness.mention("burn it")
        await harness.press(harness.ana, question, "decline", "call_1")
        await harness.finished(question)
        assert told(harness) == [REJECTED]
    async with harness.running(settings(tmp_path, harbour=program(confirm=["ships", "brun"]))):
        assert await use(harness, "harbour_burn", '{"name": "Ann"}') == "Ann is ash"
    assert "MCP server harbour has no tool brun that could be confirmed" in caplog.messages
    assert "has no tool ships" not in caplog.text
