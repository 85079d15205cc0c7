"""The lines of `slackbot check` about MCP servers, and about tools that admins should look at."""

from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager

from slackbot.config import Settings
from slackbot.config.slack import SlackSettings
from slackbot.conversation.ids import TeamId
from slackbot.errors import ConfigError, SlackbotError
from slackbot.llm.tool_pins import PinStore, ServerPins
from slackbot.slack.client import web_client
from slackbot.slack.identity import identify
from slackbot.store import open_store
from slackbot.tools.builtin import BUILTIN_NAMES
from slackbot.tools.mcp_config import SETTING, load_mcp_config
from slackbot.tools.mcp_pins import McpPins
from slackbot.tools.mcp_servers import connect_mcp_servers

UNREACHABLE = (
    "names {name}, which can't be reached: with LOG_LEVEL=DEBUG, `slackbot serve` says why."
)
COLLIDING = "brings tools that are refused: {tools}. Rename a server, or one of the tools."


async def check_mcp(settings: Settings, path: str, names: Collection[str]) -> AsyncIterator[str]:
    """A line for each server, and for each tool that was left out or has changed.

    `names` are those of other tools. Raises ConfigError if a server can't be reached, or if tools
    have the same name.
    """
    configs = load_mcp_config(path, settings.environment)
    taken = {*names, *BUILTIN_NAMES}
    async with (
        _stored_pins(settings) as pins,
        connect_mcp_servers(configs, settings.network, pins, taken) as servers,
    ):
        await servers.until_tried()
        for name in configs:
            if not servers.is_connected(name):
                raise ConfigError(SETTING, UNREACHABLE.format(name=name))
            way = settings.network.proxies.way_to(configs[name].url)
            role = configs[name].role
            role_note = "" if role == "member" else f" (role: {role})"
            way_note = f", {way}" if configs[name].url else ""
            yield f"MCP server {name} is connected{way_note}{role_note}"
            for problem in servers.problems(name):
                yield f"MCP server {name}: {problem}"
        for change in pins.waiting():
            kind = "has changed" if change.pinned else "is new"
            yield (
                f"MCP server {change.server}: its tool {change.tool} {kind}, and needs approval "
                "until an admin accepts it in the app's Home tab"
            )
        if collisions := servers.collisions():
            raise ConfigError(SETTING, COLLIDING.format(tools="; ".join(collisions)))


@asynccontextmanager
async def _stored_pins(settings: Settings) -> AsyncIterator[McpPins]:
    """What the bot has pinned. Where that can't be read, another line of the check says why."""
    try:
        team = await _team(settings.slack)
        store = await open_store(settings.database_url, shared=True)
    except SlackbotError:
        yield McpPins(_ReadPins(None), TeamId(""))
        return
    try:
        yield McpPins(_ReadPins(store), team)
    finally:
        await store.close()


async def _team(settings: SlackSettings) -> TeamId:
    token = settings.token
    async with web_client(settings.api_url, token, settings.network) as client:
        return (await identify(client)).team


class _ReadPins:
    """Changes nothing: only the bot decides what it has seen."""

    def __init__(self, store: PinStore | None) -> None:
        self._store = store

    async def tool_pins(self, team: TeamId, server: str) -> ServerPins | None:
        return None if self._store is None else await self._store.tool_pins(team, server)

    async def all_tool_pins(self, team: TeamId) -> Mapping[str, ServerPins]:
        return {} if self._store is None else await self._store.all_tool_pins(team)

    async def replace_tool_pins(
        self,
        team: TeamId,  # noqa: ARG002 - nothing is written
        server: str,  # noqa: ARG002
        before: ServerPins | None,  # noqa: ARG002
        after: ServerPins,  # noqa: ARG002
    ) -> bool:
        return True
