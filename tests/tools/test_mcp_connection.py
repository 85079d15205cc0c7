import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from slackbot.conversation.ids import ChannelId, TeamId, UserId
from slackbot.errors import ToolError
from slackbot.llm.tool_calls import Caller
from slackbot.store.sqlite import SqliteStore
from slackbot.tools import texts
from slackbot.tools.mcp_config import McpServerConfig
from slackbot.tools.mcp_connection import McpConnection
from slackbot.tools.mcp_pins import McpPins

CONFIG = McpServerConfig.model_validate(
    {
        "command": sys.executable,
        "args": ["-m", "tests.tools.sample_mcp_server"],
        "cwd": str(Path(__file__).parents[2]),
        "confirm": ["ships"],
    }
)


@pytest.fixture
async def pins(tmp_path: Path) -> AsyncIterator[McpPins]:
    store = await SqliteStore.open(tmp_path / "bot.db")
    yield McpPins(store, TeamId("T1"))
    await store.close()


@asynccontextmanager
async def connected(pins: McpPins) -> AsyncIterator[McpConnection]:
    connection = McpConnection("harbour", CONFIG, pins)
    running = asyncio.create_task(connection.run())
    try:
        await connection.connected.wait()
        yield connection
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def test_tools(pins: McpPins) -> None:
    """Each tool of the server has the server's name before its own, and its own options."""
    async with connected(pins) as connection:
        tools = {tool.definition.name: tool for tool in connection.tools}
        ships, burn = tools["harbour_ships"], tools["harbour_burn"]
        assert (ships.definition.requires_approval, burn.definition.requires_approval) == (
            True,
            True,
        )
        assert ships.time_limit == CONFIG.time_limit
        caller = Caller(UserId("U1"), ChannelId("C1"), TeamId("T1"))
        assert await burn.run('{"name": "Ann"}', caller) == "Ann is ash"


async def test_results(pins: McpPins) -> None:
    """Text is returned as it is, other content as its type. An error is a ToolError, and so is the
    death of the server during a call.
    """
    async with connected(pins) as connection:
        assert json.loads(await connection.call("ship", '{"name": "Ann"}'))["masts"] == 3
        assert (await connection.call("log_book", "{}")).splitlines() == [
            "Here:",
            "Nothing but water.",
            "[image]",
        ]
        with pytest.raises(ToolError, match=r"There is sand\."):
            await connection.call("run_aground", "{}")
        with pytest.raises(ToolError) as caught:
            await connection.call("explode", "{}")
    assert caught.value.user_message == texts.SERVER_LOST.format(server="harbour")


async def test_server_that_dies_between_calls(pins: McpPins) -> None:
    """A server that dies is noticed when its tools are listed the next time, and started again."""
    connection = McpConnection("harbour", CONFIG, pins, refresh_seconds=0.1)
    running = asyncio.create_task(connection.run())
    try:
        await connection.connected.wait()
        before = await connection.call("ships", '{"port": "Rome"}')
        os.kill(int(before.rpartition(" ")[2]), signal.SIGKILL)
        async with asyncio.timeout(20):
            while connection.connected.is_set():  # noqa: ASYNC110 - it is cleared, not set
                await asyncio.sleep(0.01)
            await connection.connected.wait()
        after = await connection.call("ships", '{"port": "Rome"}')
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    assert after.startswith("In Rome")
    assert after != before
