"""MCP servers that send too much, too long, or what nobody asked for."""

import asyncio
import json
import logging
from pathlib import Path
from typing import Any

import pytest

from slackbot.tools import texts
from slackbot.tools.mcp_inbound import MAX_MESSAGE_BYTES
from slackbot.tools.mcp_listing import MAX_SERVER_BYTES
from slackbot.tools.registry import MAX_TOOLS
from tests.harness import BotHarness
from tests.security.hostile_http_server import hostile_http_server
from tests.security.mcp_stage import HostileServer, offered, reads, settings
from tests.tools.tool_calls import call_tool

TOO_MUCH = f"Error: {texts.SERVER_SENT_TOO_MUCH.format(server='evil')}"


@pytest.fixture
def server(tmp_path: Path) -> HostileServer:
    return HostileServer(tmp_path)


def nested(depth: int) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string"}
    for _ in range(depth):
        schema = {"type": "object", "properties": {"a": schema}}
    return schema


SCHEMAS = {
    "huge": {"type": "object", "properties": {"a": {"enum": ["x" * 100] * 6_000}}},
    "deep": nested(60),
    "circle": {
        "type": "object",
        "properties": {"a": {"$ref": "#/$defs/a"}},
        "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}},
    },
    "outside": {"type": "object", "properties": {"a": {"$ref": "http://127.0.0.1/schema"}}},
}


@pytest.mark.parametrize("schema", SCHEMAS.values(), ids=SCHEMAS.keys())
async def test_a_schema_that_no_model_takes(
    harness: BotHarness,
    tmp_path: Path,
    server: HostileServer,
    caplog: pytest.LogCaptureFixture,
    schema: dict[str, Any],
) -> None:
    """Its tool is left out, and the log says so; people are answered, and other tools work."""
    caplog.set_level(logging.WARNING)
    server.says(reads("bad", inputSchema=schema), reads("echo"))
    async with harness.running(settings(tmp_path, evil=server.config())):
        assert await call_tool(harness, "evil_echo", '{"a": 1}') == '{"a": 1}'
    assert "evil_bad" not in offered(harness)
    assert "MCP server evil: the tool 'bad' is left out: its" in caplog.text


async def test_too_many_tools(
    harness: BotHarness, tmp_path: Path, server: HostileServer, caplog: pytest.LogCaptureFixture
) -> None:
    """A server has a bounded number of tools, and a bounded number of bytes for all of them."""
    caplog.set_level(logging.WARNING)
    many = [{"name": f"t{number}"} for number in range(MAX_TOOLS)]
    server.says(reads("echo"), *many)
    async with harness.running(settings(tmp_path, evil=server.config())):
        await call_tool(harness, "evil_echo")
        assert len([name for name in offered(harness) if name.startswith("evil")]) <= MAX_TOOLS
    assert f"all tools after the first {MAX_TOOLS} are left out" in caplog.text


async def test_too_many_bytes_of_tools(
    harness: BotHarness, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Schemas that are fine one by one are too much together."""
    caplog.set_level(logging.WARNING)
    server = HostileServer(tmp_path, "second")
    large = {"type": "object", "properties": {"a": {"enum": ["x" * 30_000]}}}
    server.says(reads("echo"), *(reads(f"t{number}", inputSchema=large) for number in range(10)))
    async with harness.running(settings(tmp_path, evil=server.config())):
        await call_tool(harness, "evil_echo")
    mine = [tool for name, tool in offered(harness).items() if name.startswith("evil")]
    assert 2 < len(mine) < 10
    assert len(json.dumps(mine)) < MAX_SERVER_BYTES * 1.1
    assert "all its tools together have more than" in caplog.text


async def test_pages_without_end(
    harness: BotHarness, tmp_path: Path, server: HostileServer
) -> None:
    """A server that always has one more page is not asked for ever."""
    good = HostileServer(tmp_path, "good")
    good.says(reads("echo"))
    server.says(endless=True)
    mcp = settings(tmp_path, evil=server.config(), good=good.config())
    async with harness.running(mcp):
        assert await call_tool(harness, "good_echo") == "{}"


@pytest.mark.parametrize("attack", ["rant", "babble", "storm", "answer_nobody"])
async def test_output_without_end(
    harness: BotHarness,
    tmp_path: Path,
    server: HostileServer,
    caplog: pytest.LogCaptureFixture,
    attack: str,
) -> None:
    """A program that writes without end is disconnected and killed; the next call starts it again.

    It writes one line, empty lines, notifications, or answers that nobody waits for.
    """
    caplog.set_level(logging.WARNING)
    server.says(reads("echo"), reads(attack))
    async with harness.running(settings(tmp_path, evil=server.config())):
        assert await call_tool(harness, f"evil_{attack}") == TOO_MUCH
        assert await call_tool(harness, "evil_echo", '{"a": 1}') == '{"a": 1}'
    assert caplog.messages.count("MCP server evil sent too much, and is disconnected") == 1


async def test_a_long_result_is_read_up_to_its_bound(
    harness: BotHarness, tmp_path: Path, server: HostileServer
) -> None:
    """A result within the bound is cut for the model, a longer one is none."""
    server.says(reads("shout"))
    fits, too_long = MAX_MESSAGE_BYTES - 10_000, 40_000_000
    async with harness.running(settings(tmp_path, evil=server.config())):
        cut = await call_tool(harness, "evil_shout", json.dumps({"size": fits}))
        assert cut.startswith("aaa")
        assert f"{fits:,} characters in all" in cut
        assert await call_tool(harness, "evil_shout", json.dumps({"size": too_long})) == TOO_MUCH


async def test_a_server_that_asks_back(
    harness: BotHarness, tmp_path: Path, server: HostileServer
) -> None:
    """It gets no sample of the model, no input from a person, and no list of roots."""
    server.says(reads("ask_back"))
    async with harness.running(settings(tmp_path, evil=server.config())):
        replies = json.loads(await call_tool(harness, "evil_ask_back"))
    assert [reply["id"] for reply in replies] == ["mine-0", "mine-1", "mine-2"]
    assert all("error" in reply and "result" not in reply for reply in replies)
    assert len(harness.model.requests) == 2


@pytest.mark.parametrize("attack", ["endless", "endless_event", "bomb"])
async def test_bodies_without_end(harness: BotHarness, tmp_path: Path, attack: str) -> None:
    """Over HTTP, no more is read of a response than of a line, and nothing is unpacked."""
    async with hostile_http_server() as http:
        async with harness.running(settings(tmp_path, evil={"url": http.url})):
            assert await call_tool(harness, f"evil_{attack}") == TOO_MUCH
            assert await call_tool(harness, "evil_echo") == "echo"
        if attack != "bomb":
            await asyncio.wait_for(http.ended.wait(), 10)
    assert http.sent < 20 * MAX_MESSAGE_BYTES  # sockets hold some of it


async def test_a_body_that_drips(harness: BotHarness, tmp_path: Path) -> None:
    """A response ends in time, however often a server shows that it is still there."""
    async with hostile_http_server() as http:
        evil = {"url": http.url, "time_limit": 0.5}
        async with harness.running(settings(tmp_path, evil=evil)):
            assert "took longer" in await call_tool(harness, "evil_drip")
            await asyncio.wait_for(http.ended.wait(), 20)
            assert await call_tool(harness, "evil_echo") == "echo"


async def test_no_stream_is_opened_for_a_server(harness: BotHarness, tmp_path: Path) -> None:
    """A server can't have the bot open streams again and again: it opens none."""
    async with hostile_http_server() as http:
        evil = {"url": http.url, "time_limit": 5.0}
        async with harness.running(settings(tmp_path, evil=evil)):
            assert (await call_tool(harness, "evil_resume")).startswith("Error")
            assert await call_tool(harness, "evil_echo") == "echo"
    assert set(http.methods) == {"POST", "DELETE"}
