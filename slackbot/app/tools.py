"""The tools that the model can use in one workspace."""

from contextlib import AsyncExitStack

from slackbot.app.process import Process
from slackbot.app.slack_edge import SlackEdge
from slackbot.slack.visibility import SlackVisibility
from slackbot.tools.builtin import builtin_tools
from slackbot.tools.discovery import discover_tools
from slackbot.tools.image_generation import image_generation_tool
from slackbot.tools.mcp_pins import McpPins
from slackbot.tools.registry import ToolRegistry, ToolSource
from slackbot.turns.transcript import Transcript


async def open_tools(
    stack: AsyncExitStack,
    process: Process,
    slack: SlackEdge,
    transcript: Transcript,
    pins: McpPins,
) -> ToolRegistry:
    """All tools there are; closed, and servers left, with the stack.

    A bot for one workspace connects to its MCP servers now, one for several when somebody asks.
    """
    settings, images = process.settings, process.models.images
    owner = slack.owner
    visibility = SlackVisibility(owner.client, owner.threads, slack.users, slack.me.team)
    tools = discover_tools(settings.tools)
    tools += builtin_tools(visibility, process.store, transcript.lines)
    if images is not None:
        tools.append(image_generation_tool(images, owner.uploads))
    sources: list[ToolSource] = []
    if settings.mcp is not None:
        from slackbot.tools.mcp_config import load_mcp_config  # noqa: PLC0415 - as below
        from slackbot.tools.mcp_servers import connect_mcp_servers  # noqa: PLC0415 - takes a second

        configs = load_mcp_config(settings.mcp, settings.environment)
        taken = {tool.definition.name for tool in tools}
        connecting = connect_mcp_servers(configs, settings.network, pins, taken)
        servers = await stack.enter_async_context(connecting)
        if settings.slack.installs is None:
            servers.begin()
        sources.append(servers)
    registry = ToolRegistry(tools, sources)
    stack.push_async_callback(registry.close)
    return registry
