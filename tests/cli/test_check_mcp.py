"""What `slackbot check` says about MCP servers."""

from pathlib import Path

from tests.command import run
from tests.harness import BotHarness
from tests.security.mcp_stage import HostileServer, reads, settings
from tests.tools.tool_calls import call_tool


async def test_tools_that_wait_for_an_admin(harness: BotHarness, tmp_path: Path) -> None:
    """Each is named, and so is what was left out; looking at them pins nothing."""
    server = HostileServer(tmp_path)
    mcp = settings(tmp_path, evil=server.config())
    server.says(reads("echo"))
    async with harness.running(mcp):
        await call_tool(harness, "evil_echo")
    server.says(reads("echo", description="Other."), reads("new"), reads("ü"))
    for _ in range(2):
        code, said, _ = await run(tmp_path, "check", **harness.environment, **mcp)
        lines = [line for line in said.splitlines() if "MCP server evil" in line]
        left_out = "the tool '\\xfc' is left out: its name is not plain ASCII"
        waits = "and needs approval until an admin accepts it in the app's Home tab"
        assert lines == [
            "ok      tools: MCP server evil is connected",
            f"ok      tools: MCP server evil: {left_out}",
            f"ok      tools: MCP server evil: its tool echo has changed, {waits}",
            f"ok      tools: MCP server evil: its tool new is new, {waits}",
        ]
        assert code == 0, said
