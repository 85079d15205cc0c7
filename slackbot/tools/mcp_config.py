"""The file that names MCP servers, in the form that most programs use:

{"mcpServers": {
    "files": {"command": "mcp-files", "args": ["/data"], "env": {"MODE": "read"}},
    "tickets": {"url": "https://example.com/mcp",
                "headers": {"Authorization": "Bearer ${TICKETS_TOKEN}"},
                "confirm": ["delete_ticket"], "role": "admin"}
}}
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from slackbot.conversation.roles import RoleName
from slackbot.errors import ConfigError

SETTING = "SLACKBOT_MCP"

DEFAULT_TIME_LIMIT_SECONDS = 60.0
"""For a call."""

_VARIABLE = re.compile(r"\$\{(\w+)\}")


class McpServerConfig(BaseModel):
    """A program that the bot starts (`command`), or a server that it calls over HTTP (`url`)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    command: str = ""
    args: tuple[str, ...] = ()
    env: dict[str, str] = {}
    cwd: str | None = None
    url: str = ""
    headers: dict[str, str] = Field({}, repr=False)
    confirm: bool | tuple[str, ...] | None = None
    """The tools that a person has to approve: all, none, or these. None stands for all that the
    server does not declare read-only or non-destructive:
    https://modelcontextprotocol.io/specification/draft/schema#toolannotations
    """
    time_limit: float = Field(DEFAULT_TIME_LIMIT_SECONDS, gt=0)
    """In seconds, for a call."""
    role: RoleName = "member"
    """The least role of people for whom its tools can be called, and who can approve calls."""

    @property
    def named_tools(self) -> frozenset[str]:
        """The names in `confirm`."""
        return frozenset(self.confirm if isinstance(self.confirm, tuple) else ())

    def requires_approval(self, tool: str, *, read_only: bool) -> bool:
        """`read_only` means that the server declares the tool read-only or non-destructive."""
        if self.confirm is None:
            return not read_only
        return self.confirm if isinstance(self.confirm, bool) else tool in self.confirm


class _McpFile(BaseModel):
    servers: Annotated[
        dict[Annotated[str, Field(pattern=r"^[a-zA-Z0-9_-]{1,30}$")], McpServerConfig],
        Field(alias="mcpServers"),
    ]


def load_mcp_config(path: str, environment: Mapping[str, str]) -> dict[str, McpServerConfig]:
    """The servers of the file by name, with `${NAME}` taken from the environment.

    Raises ConfigError.
    """
    try:
        text = Path(path).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as err:
        raise ConfigError(SETTING, f"names the file {path}, which can't be read.") from err
    try:
        servers = _McpFile.model_validate_json(text).servers
    except ValidationError as err:
        problem = err.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(map(str, problem["loc"])) or "the file"
        raise ConfigError(SETTING, f"names {path}: {where}: {problem['msg']}.") from None
    for name, server in servers.items():
        if bool(server.command) == bool(server.url):
            raise ConfigError(SETTING, f"names {path}: {name} needs a command or a url.")
    return {name: _substitute(server, environment) for name, server in servers.items()}


def _substitute(server: McpServerConfig, environment: Mapping[str, str]) -> McpServerConfig:
    def substitute(value: Any) -> Any:
        match value:
            case str():
                return _VARIABLE.sub(lambda match: _look_up(match[1], environment), value)
            case dict():
                return {key: substitute(each) for key, each in value.items()}
            case tuple():
                return tuple(map(substitute, value))
        return value

    return McpServerConfig.model_validate(substitute(server.model_dump()))


def _look_up(name: str, environment: Mapping[str, str]) -> str:
    if not environment.get(name):
        raise ConfigError(name, f"is not set, and the file of {SETTING} refers to it.")
    return environment[name]
