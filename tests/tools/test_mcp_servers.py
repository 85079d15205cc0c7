"""Real MCP servers, started as programs or called over HTTP, and a bot that uses their tools."""

import asyncio
import json
import logging
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from slackbot.conversation.ids import TeamId
from slackbot.llm.tool_calls import INVALID_ARGUMENTS, REJECTED
from slackbot.network import DIRECT
from slackbot.playground.fake_openai.script import calls
from slackbot.store.sqlite import SqliteStore
from slackbot.tools import texts
from slackbot.tools.mcp_config import load_mcp_config
from slackbot.tools.mcp_pins import McpPins
from slackbot.tools.mcp_servers import connect_mcp_servers
from tests.command import run
from tests.harness import BotHarness
from tests.ports import quiet_port
from tests.proxied_harness import Behind
from tests.tools.tool_calls import call_tool, tool_results

PROGRAM = {"command": sys.executable, "args": ["-m", "tests.tools.sample_mcp_server"]}
ROOT = Path(__file__).parents[2]


def write_settings(folder: Path, **servers: object) -> Mapping[str, str]:
    path = folder / "mcp.json"
    path.write_text(json.dumps({"mcpServers": servers}))
    return {"SLACKBOT_MCP": str(path)}


def program(**more: object) -> Mapping[str, object]:
    return {**PROGRAM, "cwd": str(ROOT), **more}


@asynccontextmanager
async def listening(port: int) -> AsyncIterator[None]:
    """A server on that port while the block runs."""
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
    return quiet_port()


async def test_program(harness: BotHarness, tmp_path: Path) -> None:
    """A program is started as a server, and its tools are offered and used."""
    async with harness.running(write_settings(tmp_path, harbour=program())):
        assert (await call_tool(harness, "harbour_ships", '{"port": "Rome"}')).startswith(
            "In Rome: the Ann"
        )
        assert json.loads(await call_tool(harness, "harbour_ship", '{"name": "Ann"}')) == {
            "name": "Ann",
            "masts": 3,
        }
        log_book = await call_tool(harness, "harbour_log_book")
        assert log_book.splitlines() == ["Here:", "Nothing but water.", "[image]"]
        assert (await call_tool(harness, "harbour_run_aground")).endswith(": There is sand.")
        assert "port" in await call_tool(harness, "harbour_ships", '{"harbour": 1}')
        assert await call_tool(harness, "harbour_ships", '{"port": "\\ud83d"}') == INVALID_ARGUMENTS
    offered = {
        tool["function"]["name"]: tool["function"] for tool in harness.model.requests[0]["tools"]
    }
    assert offered["harbour_ships"]["description"] == "Which ships are in a port."
    assert offered["harbour_ships"]["parameters"]["required"] == ["port"]


async def test_result_that_breaks_its_schema(harness: BotHarness, tmp_path: Path) -> None:
    """The bot does not check a result against the server's own schema: the model reads it."""
    async with harness.running(write_settings(tmp_path, harbour=program())):
        assert json.loads(await call_tool(harness, "harbour_cargo")) == {"barrels": 11}


async def test_http_behind_a_proxy(behind: Behind, tmp_path: Path, port: int) -> None:
    """A server with a URL is reached through the proxy, as Slack and the model are."""
    settings = write_settings(tmp_path, sea={"url": "https://sea.test/mcp"})
    async with (
        listening(port),
        behind(hosts={"sea.test": f"127.0.0.1:{port}"}) as proxied,
        proxied.bot.running(settings),
    ):
        answer = await call_tool(proxied.bot, "sea_ships", '{"port": "Rome"}')
    assert answer.startswith("In Rome")
    assert "CONNECT sea.test:443" in proxied.proxy.asked


async def test_http(harness: BotHarness, tmp_path: Path, port: int) -> None:
    """A server with a URL is called over HTTP, and is used again after it was restarted."""
    address = {"url": f"http://127.0.0.1:{port}/mcp", "headers": {"Authorization": "Bearer x"}}
    async with listening(port):
        bot = harness.running(write_settings(tmp_path, sea=address))
        await bot.__aenter__()
        first = await call_tool(harness, "sea_ships", '{"port": "Rome"}')
    async with listening(port):
        answers = [await call_tool(harness, "sea_ships", '{"port": "Rome"}') for _ in range(3)]
        await bot.__aexit__(None, None, None)
    assert first.startswith("In Rome")
    assert answers[-1].startswith("In Rome")
    assert answers[-1] != first


async def test_server_that_dies(harness: BotHarness, tmp_path: Path) -> None:
    """The model is told that a server died during a call, and the next call starts it again."""
    async with harness.running(write_settings(tmp_path, harbour=program())):
        before = await call_tool(harness, "harbour_ships", '{"port": "Rome"}')
        assert await call_tool(harness, "harbour_explode") == (
            f"Error: {texts.SERVER_LOST.format(server='harbour')}"
        )
        after = await call_tool(harness, "harbour_ships", '{"port": "Rome"}')
    assert after.startswith("In Rome")
    assert after != before


async def test_missing_server(harness: BotHarness, tmp_path: Path) -> None:
    """The bot works without a server that does not start."""
    missing = {"command": "/there/is/no/such/program"}
    servers = write_settings(tmp_path, harbour=program(), other=missing)
    async with harness.running(servers):
        assert (await call_tool(harness, "harbour_ships", '{"port": "Rome"}')).startswith("In Rome")


async def test_check(harness: BotHarness, tmp_path: Path) -> None:
    """`slackbot check` says which servers can be reached, and which can't."""
    environment = {**harness.environment, "PYTHONPATH": str(ROOT)}
    tools = {
        "SLACKBOT_TOOLS": "tests.tools.sample_tools",
        **write_settings(tmp_path, harbour=program()),
    }
    code, said, _ = await run(tmp_path, "check", **environment, **tools)
    assert code == 0, said
    assert "ok      tools: MCP server harbour is connected\n" in said
    assert "\nok      tools: your own: add, " in said
    wrong = write_settings(tmp_path, harbour={"command": "/there/is/no/such/program"})
    code, said, _ = await run(tmp_path, "check", **environment, **wrong)
    assert code == 1
    assert "failed  tools: SLACKBOT_MCP names harbour, which can't be reached: " in said


async def test_closed_servers(tmp_path: Path) -> None:
    """Nothing begins any more with a bot that is closed, as for a Home tab that somebody opens just
    then: nobody would end the program.
    """
    settings = write_settings(tmp_path, harbour=program())
    configs = load_mcp_config(settings["SLACKBOT_MCP"], {})
    store = await SqliteStore.open(tmp_path / "bot.db")
    pins = McpPins(store, TeamId("T1"))
    async with connect_mcp_servers(configs, DIRECT, pins) as servers:
        pass
    before = asyncio.all_tasks()
    pins.look()
    await servers.until_tried()
    assert asyncio.all_tasks() == before
    await store.close()


async def test_approval(
    harness: BotHarness, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A tool that its server does not declare read-only needs approval, also if the file names
    others, unless the file says that none does; the log warns about a name that no tool has.
    """
    caplog.set_level(logging.WARNING)
    burn = calls("harbour_burn", '{"name": "Ann"}')
    for confirm in (None, ["ships", "brun"]):
        async with harness.running(write_settings(tmp_path, harbour=program(confirm=confirm))):
            harness.model.enqueue(burn, "So.")
            question = await harness.mention("burn it")
            await harness.press(harness.ana, question, "decline")
            await harness.finished(question)
            assert tool_results(harness) == [REJECTED]
    assert "MCP server harbour has no tool brun that could be confirmed" in caplog.messages
    assert "has no tool ships" not in caplog.text
    async with harness.running(write_settings(tmp_path, harbour=program(confirm=False))):
        assert await call_tool(harness, "harbour_burn", '{"name": "Ann"}') == "Ann is ash"
