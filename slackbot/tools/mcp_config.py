"""The file that names MCP servers, in the form that most programs use:

{"mcpServers": {
    "files": {"command": "mcp-files", "args": ["/data"], "env": {"MODE": "read"}},
    "tickets": {"url": "https://example.com/mcp",
                "headers": {"Authorization": "Bearer ${TICKETS_TOKEN}"},
                "confirm": ["delete_ticket"], "role": "admin"}
}}
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, ValidationError

from slackbot import logs
from slackbot.conversation.roles import RoleName
from slackbot.errors import ConfigError
from slackbot.tools.mcp_secrets import VARIABLE, secrets_of

SETTING = "SLACKBOT_MCP"

DEFAULT_TIME_LIMIT_SECONDS = 60.0
"""For a call."""


class McpServerConfig(BaseModel):
    """A program that the bot starts (`command`), or a server that it calls over HTTP (`url`)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    command: str = ""
    args: tuple[str, ...] = Field((), repr=False)
    env: dict[str, str] = Field({}, repr=False)
    cwd: str | None = None
    url: str = Field("", repr=False)
    headers: dict[str, str] = Field({}, repr=False)
    confirm: bool | tuple[str, ...] | None = None
    """The tools that a person has to approve: all, none, or these in addition to all that the
    server does not declare read-only or non-destructive:
    https://modelcontextprotocol.io/specification/draft/schema#toolannotations
    """
    time_limit: float = Field(DEFAULT_TIME_LIMIT_SECONDS, gt=0)
    """In seconds, for a call."""
    role: RoleName = "member"
    """The least role of people for whom its tools can be called, and who can approve calls."""
    _secrets: frozenset[str] = PrivateAttr(frozenset())

    @property
    def secrets(self) -> frozenset[str]:
        """Values that must never be logged or repeated."""
        return self._secrets

    def redact(self, text: str) -> str:
        """The text with every secret of this server made unreadable."""
        return logs.redact(text, self._secrets)

    @property
    def named_tools(self) -> frozenset[str]:
        """The names in `confirm`."""
        return frozenset(self.confirm if isinstance(self.confirm, tuple) else ())

    def requires_approval(self, tool: str, *, read_only: bool) -> bool:
        """`read_only` means that the server declares the tool read-only or non-destructive."""
        if isinstance(self.confirm, bool):
            return self.confirm
        return not read_only or tool in self.named_tools


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
                return VARIABLE.sub(lambda match: _look_up(match[1], environment), value)
            case dict():
                return {key: substitute(each) for key, each in value.items()}
            case tuple():
                return tuple(map(substitute, value))
        return value

    written = server.model_dump()
    config = McpServerConfig.model_validate(substitute(written))
    config._secrets = frozenset(secrets_of(written, config.url, environment))  # noqa: SLF001
    return config


def _look_up(name: str, environment: Mapping[str, str]) -> str:
    if not environment.get(name):
        raise ConfigError(name, f"is not set, and the file of {SETTING} refers to it.")
    return environment[name]
