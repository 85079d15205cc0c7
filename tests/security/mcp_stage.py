"""How the attacks of MCP servers are played: a server that does what a test tells it to."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from slackbot.playground.fake_openai.script import calls
from tests.harness import BotHarness
from tests.tools.tool_calls import tool_results

SERVER = Path(__file__).with_name("hostile_mcp_server.py")

READ_ONLY = {"readOnlyHint": True}


def reads(name: str, **more: object) -> Mapping[str, object]:
    """The declaration of a tool that says of itself that it only reads."""
    return {"name": name, "description": f"Does {name}.", "annotations": READ_ONLY, **more}


class HostileServer:
    """A program that declares and does what `says` tells it to, also while it runs."""

    def __init__(self, folder: Path, name: str = "evil") -> None:
        self._state = folder / f"{name}.json"
        self.name = name

    def says(self, *tools: Mapping[str, object], **more: object) -> None:
        self._state.write_text(json.dumps({"tools": tools, **more}))

    def config(self, **more: object) -> Mapping[str, object]:
        return {"command": sys.executable, "args": [str(SERVER), str(self._state)], **more}


def settings(folder: Path, **servers: Mapping[str, object]) -> dict[str, str]:
    """The environment of a bot with these servers."""
    path = folder / "mcp.json"
    path.write_text(json.dumps({"mcpServers": servers}))
    return {"SLACKBOT_MCP": str(path)}


def offered(harness: BotHarness) -> dict[str, Any]:
    """The functions that the model was offered last, by their names."""
    tools = harness.model.requests[-1].get("tools", [])
    return {tool["function"]["name"]: tool["function"] for tool in tools}


async def needs_approval(harness: BotHarness, tool: str) -> bool:
    """Whether a person is asked before a call; they decline."""
    harness.model.enqueue(calls(tool, "{}"), "So.")
    question = await harness.mention("go")
    await harness.workspace.until(
        lambda: any(
            "decline" in str(answer.blocks) or "again" in str(answer.blocks)
            for answer in harness.answers(question)
        )
    )
    asked = "decline" in str(harness.answers(question)[-1].blocks)
    if asked:
        await harness.press(harness.ana, question, "decline")
    await harness.finished(question)
    assert tool_results(harness)
    return asked
