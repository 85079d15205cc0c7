"""The settings: read once from a mapping, frozen; every mistake names its variable.

The variables are a contract with those who run the bot. Their table in docs/settings.md is made of
what stands here: `python -m docs.settings` writes it.
"""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self, get_args
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    SecretStr,
    SkipValidation,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    model_validator,
)
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from slackbot.errors import ConfigError

DEFAULT = """\
You are a helpful assistant in a team's Slack. You answer accurately and to the point, say so when \
you do not know something, and ask back when a question can be understood in several ways."""
"""The instructions until an admin sets some."""

MODEL = "gpt-6-luna"

TRANSCRIBE = "gpt-transcribe"
"""OpenAI's own; other servers have it under other names, or not at all."""

GRACE = 25.0

LARGEST = 999_999_999
"""Of whole numbers: more is a slip of the hand."""

Streaming = Literal["edit", "native", "auto"]
"""How replies grow: by edits, as Slack's own streams, or each by what has more budget left."""

Api = Literal["chat", "responses", "auto"]
"""Chat Completions; the Responses API; or whichever the model needs."""

LogLevel = Literal["DEBUG", "INFO", "WARNING", "ERROR"]


def _otherwise(problem: str) -> WrapValidator:
    """Says `problem` of a wrong value, in place of pydantic's own words."""

    def validate(value: Any, handler: ValidatorFunctionWrapHandler) -> Any:
        try:
            return handler(value)
        except ValidationError:
            raise ValueError(problem) from None  # pydantic's error may repeat a secret

    return WrapValidator(validate)


def _printable(secret: SecretStr) -> SecretStr:
    if not re.fullmatch(r"[!-~]*", secret.get_secret_value()):
        raise ValueError("contains blanks or characters that no key has: copy it again.")
    return secret


def _begins(prefix: str, problem: str) -> AfterValidator:
    def validate(secret: SecretStr) -> SecretStr:
        if not secret.get_secret_value().startswith(prefix):
            raise ValueError(problem)
        return secret

    return AfterValidator(validate)


def _web_address(value: str) -> str:
    parts = urlsplit(value)
    _ = parts.port  # raises ValueError where it is none
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError
    return value


def _database_address(value: str) -> str:
    parts = urlsplit(value)
    _ = parts.port  # as above
    if "://" not in value or not parts.scheme:
        raise ValueError
    return value


def _folder(address: str) -> str:
    return address.rstrip("/") + "/"


def _items(value: str) -> list[str]:
    return [item for item in re.split(r"[,\s]+", value) if item]


Secret = Annotated[SecretStr, AfterValidator(_printable)]

BotToken = Annotated[
    Secret,
    _begins(
        "xoxb-",
        "does not look like a bot token: it starts with xoxb- (page «OAuth & Permissions»).",
    ),
]

AppToken = Annotated[
    Secret,
    _begins(
        "xapp-",
        "does not look like an app-level token: it starts with xapp- "
        "(page «Basic Information», scope connections:write).",
    ),
]

WebAddress = Annotated[
    str,
    AfterValidator(_web_address),
    _otherwise(
        "is not a web address: it starts with https:// or http:// and names a host, for example "
        "http://localhost:8000/v1."
    ),
]

DatabaseAddress = Annotated[
    str,
    AfterValidator(_database_address),
    _otherwise("is not a database's address: use, for example, sqlite:///slackbot.db."),
]

Port = Annotated[
    int,
    Field(ge=0, le=65535),
    _otherwise("is not a port: use a number from 1 to 65535 (0: any free one)."),
]

Tokens = Annotated[
    int,
    Field(ge=100, le=LARGEST),
    _otherwise("is not a number of tokens: use a whole number, 100 or more, for example 100000."),
]

Replies = Annotated[
    int,
    Field(ge=1, le=LARGEST),
    _otherwise("is not a number of replies: use a whole number, 1 or more, for example 100."),
]

Days = Annotated[
    int,
    Field(ge=1, le=LARGEST),
    _otherwise("is not a number of days: use a whole number, 1 or more, for example 90."),
]

Seconds = Annotated[
    float,
    Field(ge=0, lt=100_000, allow_inf_nan=False),
    _otherwise("is not a number of seconds: use a number, for example 25."),
]

UserIds = Annotated[
    frozenset[Annotated[str, Field(pattern=r"^[UW][A-Z0-9]+$")]],
    BeforeValidator(_items),
    _otherwise(
        "is not a list of user IDs: use IDs such as U012AB3CD, separated by commas "
        "(Slack: profile, «Copy member ID»)."
    ),
]

Modules = Annotated[
    tuple[Annotated[str, Field(pattern=r"^[^\W\d]\w*(\.[^\W\d]\w*)*$")], ...],
    BeforeValidator(_items),
    _otherwise("is not a list of modules: use names such as my_tools, separated by commas."),
]


class EnvironmentSettings(BaseSettings):
    """Settings of which each has a variable, its alias. Reads the mapping that it is given, and
    neither os.environ nor a file.
    """

    model_config = SettingsConfigDict(
        extra="ignore", frozen=True, hide_input_in_errors=True, validate_default=False
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - pydantic-settings gives them all
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings,)

    @classmethod
    def read(cls, environment: Mapping[str, str], /, **others: Any) -> Self:
        """The settings in an environment, and others that have no variable. Raises ConfigError."""
        known = {field.validation_alias for field in cls.model_fields.values()}
        given = {name: value for name, value in _cleaned(environment).items() if name in known}
        try:
            return cls(**given, **others)
        except ValidationError as err:
            raise _config_error(err) from err


class SlackSettings(EnvironmentSettings):
    """How to reach Slack: over a socket with an app token, else over HTTP with a secret."""

    bot_token: BotToken = Field(
        validation_alias="SLACK_BOT_TOKEN", description="the bot token, `xoxb-…`"
    )
    app_token: AppToken | None = Field(
        None,
        validation_alias="SLACK_APP_TOKEN",
        description="the app-level token, `xapp-…`; with it the bot uses Socket Mode",
    )
    signing_secret: Secret | None = Field(
        None,
        validation_alias="SLACK_SIGNING_SECRET",
        description="without an app token: verifies the events that Slack sends over HTTP to "
        "`/slack/events`",
    )
    api_url: Annotated[WebAddress, AfterValidator(_folder)] = Field(
        "https://slack.com/api/", validation_alias="SLACK_API_URL", description="Slack's Web API"
    )

    @model_validator(mode="after")
    def _can_receive_events(self) -> Self:
        if self.app_token is None and self.signing_secret is None:
            raise ConfigError(
                "SLACK_APP_TOKEN",
                "is not set: set it for Socket Mode (xapp-…, page «Basic Information»), or set "
                "SLACK_SIGNING_SECRET and PORT to receive events over HTTP.",
            )
        return self


def _transcribe(data: Mapping[str, Any]) -> str:
    return "" if data.get("base_url") else TRANSCRIBE


class ModelSettings(EnvironmentSettings):
    """How to reach the models, and which ones to ask."""

    api_key: Secret = Field(
        SecretStr(""), validation_alias="OPENAI_API_KEY", description="the API key"
    )
    base_url: WebAddress | None = Field(
        None,
        repr=False,
        validation_alias="OPENAI_BASE_URL",
        description="any server that speaks Chat Completions",
    )
    name: str = Field(MODEL, validation_alias="OPENAI_MODEL", description="the model")
    api: Annotated[
        Api,
        BeforeValidator(str.lower),
        _otherwise(f"is not one of OpenAI's APIs: use one of {', '.join(get_args(Api))}."),
    ] = Field(
        "auto",
        validation_alias="OPENAI_API",
        description="`chat` (Chat Completions), `responses` (the Responses API), or `auto`: "
        "Chat Completions, except where a model takes tools only in the Responses "
        "API",
    )
    transcribe: str = Field(
        default_factory=_transcribe,
        validation_alias="OPENAI_TRANSCRIBE_MODEL",
        description="the model that transcribes recordings; with `OPENAI_BASE_URL`, none until "
        "you set one",
    )
    image: str = Field(
        "",
        validation_alias="OPENAI_IMAGE_MODEL",
        description="the model that draws pictures; without one the bot draws none",
    )
    speech: str = Field(
        "",
        validation_alias="OPENAI_SPEECH_MODEL",
        description="the text-to-speech model that speaks answers to people who asked aloud",
    )
    context_tokens: Tokens = Field(
        100_000,
        validation_alias="OPENAI_CONTEXT_TOKENS",
        description="the most tokens that one request may take; beyond it, older turns are left "
        "out",
    )
    stall: float = 60.0
    """Seconds without a piece of the answer after which it counts as broken off."""

    @model_validator(mode="after")
    def _has_a_key_or_a_server(self) -> Self:
        if not self.api_key and self.base_url is None:
            raise ConfigError(
                "OPENAI_API_KEY",
                "is not set: create a key at https://platform.openai.com/api-keys, or set "
                "OPENAI_BASE_URL to a server of your own.",
            )
        return self


class DatabaseSettings(EnvironmentSettings):
    """Where the bot keeps what it knows."""

    database_url: DatabaseAddress = Field(
        "sqlite:///slackbot.db",
        repr=False,
        validation_alias="DATABASE_URL",
        description="where conversations are kept; one process per file",
    )


class Settings(DatabaseSettings):
    """All of them."""

    slack: SlackSettings
    model: ModelSettings
    environment: SkipValidation[Mapping[str, str]] = Field(repr=False)
    """The whole environment, for tools that have files of settings of their own."""
    instructions: str = Field(
        DEFAULT,
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
    tools: Modules = Field(
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
        _otherwise(f"is not a way to stream: use one of {', '.join(get_args(Streaming))}."),
    ] = Field(
        "edit",
        validation_alias="SLACKBOT_STREAMING",
        description="how replies grow: `edit` (one message, edited), `native` (Slack's own "
        "streams), `auto` (for each reply, the one with more budget left)",
    )
    max_replies: Replies = Field(
        100,
        validation_alias="SLACKBOT_MAX_REPLIES",
        description="the most replies that are written at once; later ones wait in line",
    )
    grace: Seconds = Field(
        GRACE,
        validation_alias="SLACKBOT_GRACE",
        description="seconds that running replies get to finish when the bot is asked to stop",
    )
    retention_days: Days | None = Field(
        None,
        validation_alias="SLACKBOT_RETENTION_DAYS",
        description="conversations that nobody has touched for this many days are deleted",
    )
    port: Port | None = Field(
        None,
        validation_alias="PORT",
        description="the port for `/healthz` and, without an app token, `/slack/events`",
    )
    log_level: Annotated[
        LogLevel,
        BeforeValidator(str.upper),
        _otherwise(f"is not a log level: use one of {', '.join(get_args(LogLevel))}."),
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
                "is not set: without SLACK_APP_TOKEN the bot receives events over HTTP on that "
                "port.",
            )
        return self

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must never be printed or logged."""
        keys = (
            self.slack.bot_token,
            self.slack.app_token,
            self.slack.signing_secret,
            self.model.api_key,
        )
        passwords = (
            urlsplit(self.database_url).password,
            urlsplit(self.model.base_url or "").password,
        )
        known = [key.get_secret_value() for key in keys if key is not None]
        return tuple(secret for secret in (*known, *passwords) if secret)


def parse(environment: Mapping[str, str]) -> Settings:
    """The settings in an environment; an empty value counts as none. Raises ConfigError."""
    return Settings.read(
        environment,
        slack=SlackSettings.read(environment),
        model=ModelSettings.read(environment),
        environment=_cleaned(environment),
    )


def slack_settings(environment: Mapping[str, str]) -> SlackSettings:
    """How to reach Slack alone. Raises ConfigError."""
    return SlackSettings.read(environment)


def database_url(environment: Mapping[str, str]) -> str:
    """The database's address alone. Raises ConfigError."""
    return DatabaseSettings.read(environment).database_url


def _cleaned(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: value.strip() for name, value in environment.items() if value.strip()}


def _config_error(err: ValidationError) -> ConfigError:
    """The first mistake; pydantic knows it by its variable."""
    first = err.errors(include_url=False, include_input=False)[0]
    variable = str(first["loc"][0])
    if first["type"] == "missing":
        return ConfigError(
            variable,
            "is not set: copy the Bot User OAuth Token (xoxb-…) from your Slack app's page "
            "«OAuth & Permissions».",
        )
    return ConfigError(variable, str(first["ctx"]["error"]))
