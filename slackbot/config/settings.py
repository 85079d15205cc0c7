"""All settings of the bot."""

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, SkipValidation, model_validator

from slackbot.config.database import DatabaseSettings
from slackbot.config.environment import without_empty
from slackbot.config.model import ModelSettings
from slackbot.config.oauth import OAuthSettings
from slackbot.config.slack import SlackSettings
from slackbot.config.value_types import (
    Days,
    ModuleNames,
    Port,
    ReplyCount,
    Seconds,
    UserIds,
    one_of,
)
from slackbot.errors import ConfigError
from slackbot.network import Network

DEFAULT_INSTRUCTIONS = """\
You are a helpful assistant in a team's Slack. You answer accurately and to the point, say so when \
you do not know something, and ask back when a question can be understood in several ways."""

DEFAULT_GRACE_SECONDS = 25.0

Streaming = Literal["auto", "edit", "native"]
"""How replies grow: by edits, as Slack's own streams, or by the one that lags less."""

Sandbox = Literal["best-effort", "required"]
"""How far the processes that read files must be isolated."""

LogLevel = Literal["DEBUG", "INFO", "WARNING", "ERROR"]


class Settings(DatabaseSettings):
    slack: SlackSettings
    model: ModelSettings
    environment: SkipValidation[Mapping[str, str]] = Field(repr=False)
    """All variables, for MCP servers, whose configuration can refer to them."""
    network: SkipValidation[Network] = Field(repr=False)
    """The proxies and certificates for everything that the bot reaches."""
    instructions: str = Field(
        DEFAULT_INSTRUCTIONS,
        validation_alias="SLACKBOT_INSTRUCTIONS",
        description="the instructions until an admin sets some: the developer message of every "
        "request",
    )
    admins: UserIds = Field(
        frozenset(),
        validation_alias="SLACKBOT_ADMINS",
        description="user IDs, separated by commas, of people who may change the instructions "
        "in addition to the workspace's admins",
    )
    tools: ModuleNames = Field(
        (),
        validation_alias="SLACKBOT_TOOLS",
        description="Python modules with tools of your own, separated by commas: see "
        "[Tools](tools.md)",
    )
    mcp: str | None = Field(
        None,
        validation_alias="SLACKBOT_MCP",
        description="a file that names MCP servers: see [MCP servers](tools.md#mcp-servers)",
    )
    streaming: Annotated[
        Streaming,
        BeforeValidator(str.lower),
        one_of(Streaming, "a way to stream"),
    ] = Field(
        "auto",
        validation_alias="SLACKBOT_STREAMING",
        description="how replies grow: `auto` (for each message, the way that lags less), "
        "`edit` (its message is edited), `native` (as one of Slack's own streams). Where Slack "
        "refuses streams, replies are edited",
    )
    sandbox: Annotated[
        Sandbox,
        BeforeValidator(str.lower),
        one_of(Sandbox, "a way to isolate"),
    ] = Field(
        "best-effort",
        validation_alias="SLACKBOT_SANDBOX",
        description="how the processes that read files are isolated: `best-effort` (as far as the "
        "machine allows), `required` (where Landlock, seccomp or `no_new_privs` is missing, the "
        "bot does not start). See [Security](security.md#what-a-reader-can-do)",
    )
    max_replies: ReplyCount = Field(
        100,
        validation_alias="SLACKBOT_MAX_REPLIES",
        description="the most replies that are written at once; later ones wait in line",
    )
    grace_seconds: Seconds = Field(
        DEFAULT_GRACE_SECONDS,
        validation_alias="SLACKBOT_GRACE",
        description="seconds that running replies get to finish when the bot is asked to stop",
    )
    retention_days: Days | None = Field(
        None,
        validation_alias="SLACKBOT_RETENTION_DAYS",
        description="conversations without activity for this many days are deleted",
    )
    port: Port | None = Field(
        None,
        validation_alias="PORT",
        description="the port for `/healthz`, `/readyz` and, without an app token, "
        "`/slack/events`; with `SLACK_CLIENT_ID`, for `/slack/install` and "
        "`/slack/oauth_redirect` too",
    )
    log_level: Annotated[
        LogLevel,
        BeforeValidator(str.upper),
        one_of(LogLevel, "a log level"),
    ] = Field(
        "INFO",
        validation_alias="LOG_LEVEL",
        description="`DEBUG`, `INFO`, `WARNING` or `ERROR`; message texts appear only at "
        "`DEBUG`, secrets never",
    )

    @model_validator(mode="after")
    def _listens_for_events(self) -> Self:
        if self.slack.app_token is None and self.port is None:
            raise ConfigError(
                "PORT",
                "is not set: without SLACK_APP_TOKEN, the bot receives events over HTTP on this "
                "port.",
            )
        if self.slack.installs is not None and self.port is None:
            raise ConfigError(
                "PORT",
                "is not set: with SLACK_CLIENT_ID, the bot serves the page on which workspaces "
                "install the app on this port.",
            )
        return self

    @property
    def secrets(self) -> tuple[str, ...]:
        """Values that must never be printed or logged."""
        installs = self.slack.installs
        keys = (
            self.slack.bot_token,
            self.slack.app_token,
            self.slack.signing_secret,
            self.model.api_key,
            *(() if installs is None else (installs.client_secret, *installs.encryption_keys)),
        )
        known = [key.get_secret_value() for key in keys if key is not None]
        in_address = self.model.address.secrets if self.model.address else ()
        of_proxies, of_database = self.network.proxies.secrets, self.passwords()
        secrets = (*known, *in_address, *of_proxies, *of_database)
        return tuple(secret for secret in secrets if secret)


def parse(environment: Mapping[str, str]) -> Settings:
    """All settings in an environment; an empty value counts as not set. Raises ConfigError."""
    network = Network.read(environment)
    return Settings.read(
        environment,
        slack=_slack_settings(environment, network),
        model=ModelSettings.read(environment, network=network),
        environment=without_empty(environment),
        network=network,
    )


def slack_settings(environment: Mapping[str, str]) -> SlackSettings:
    """Only how to reach Slack. Raises ConfigError."""
    return _slack_settings(environment, Network.read(environment))


def database_url(environment: Mapping[str, str]) -> str:
    """Only the address of the database. Raises ConfigError."""
    return DatabaseSettings.read(environment).database_url


def _slack_settings(environment: Mapping[str, str], network: Network) -> SlackSettings:
    installs = OAuthSettings.read_if_set(environment)
    return SlackSettings.read(environment, network=network, installs=installs)
