"""The file that names MCP servers, in the form that most programs which use them share:

{"mcpServers": {
    "files": {"command": "mcp-files", "args": ["/data"], "env": {"MODE": "read"}},
    "tickets": {"url": "https://example.com/mcp",
                "headers": {"Authorization": "Bearer ${TICKETS_TOKEN}"},
                "confirm": ["delete_ticket"]}
}}
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from slackbot.errors import ConfigError

VARIABLE = "SLACKBOT_MCP"

TIME_LIMIT = 60.0
"""Seconds for a call."""

_REFERENCE = re.compile(r"\$\{(\w+)\}")


class McpServer(BaseModel):
    """A program that is started (`command`), or an address that is asked (`url`)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    command: str = ""
    args: tuple[str, ...] = ()
    env: dict[str, str] = {}
    cwd: str | None = None
    url: str = ""
    headers: dict[str, str] = Field({}, repr=False)
    confirm: bool | tuple[str, ...] | None = None
    """The tools that a person has to confirm: all, none, these; without it, those that the server
    does not call harmless: https://modelcontextprotocol.io/specification/draft/schema#toolannotations
    """
    time_limit: float = Field(TIME_LIMIT, gt=0)

    @property
    def confirmed(self) -> frozenset[str]:
        """The tools that are named as such."""
        return frozenset(self.confirm if isinstance(self.confirm, tuple) else ())

    def needs_confirmation(self, tool: str, *, read_only: bool) -> bool:
        """`read_only`: the server says that the tool changes nothing, or destroys nothing."""
        if self.confirm is None:
            return not read_only
        return self.confirm if isinstance(self.confirm, bool) else tool in self.confirm


class _File(BaseModel):
    servers: Annotated[
        dict[Annotated[str, Field(pattern=r"^[a-zA-Z0-9_-]{1,30}$")], McpServer],
        Field(alias="mcpServers"),
    ]


def servers(path: str, environment: Mapping[str, str]) -> dict[str, McpServer]:
    """What stands in the file, with `${NAME}` taken from the environment. Raises ConfigError."""
    try:
        text = Path(path).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as err:
        raise ConfigError(VARIABLE, f"names the file {path}, which can't be read.") from err
    try:
        found = _File.model_validate_json(text).servers
    except ValidationError as err:
        problem = err.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(map(str, problem["loc"])) or "the file"
        raise ConfigError(VARIABLE, f"names {path}: {where}: {problem['msg']}.") from None
    for name, server in found.items():
        if bool(server.command) == bool(server.url):
            raise ConfigError(VARIABLE, f"names {path}: {name} needs a command or a url.")
    return {name: _filled(server, environment) for name, server in found.items()}


def _filled(server: McpServer, environment: Mapping[str, str]) -> McpServer:
    def fill(value: Any) -> Any:
        match value:
            case str():
                return _REFERENCE.sub(lambda name: _value(name[1], environment), value)
            case dict():
                return {key: fill(each) for key, each in value.items()}
            case tuple():
                return tuple(map(fill, value))
        return value

    return McpServer.model_validate(fill(server.model_dump()))


def _value(name: str, environment: Mapping[str, str]) -> str:
    if not environment.get(name):
        raise ConfigError(name, f"is not set, and the file of {VARIABLE} refers to it.")
    return environment[name]
