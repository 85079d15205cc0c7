"""The settings: parsed once from a mapping, frozen, every mistake naming its variable.

The table of them stands in README.md; the names are a contract with those who run the bot.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeVar, cast, get_args
from urllib.parse import SplitResult, urlsplit

from slackbot.errors import ConfigError

DEFAULT = """\
You are a helpful assistant in a team's Slack. You answer accurately and to the point, say so when \
you do not know something, and ask back when a question can be understood in several ways."""


T = TypeVar("T")

SECRETS = ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET", "OPENAI_API_KEY")

TRANSCRIBE = "gpt-transcribe"
"""OpenAI's own; other servers have it under other names, or not at all."""

DATABASE = "sqlite:///slackbot.db"

LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")


@dataclass(frozen=True, slots=True)
class SlackSettings:
    """How to reach Slack: over a socket with an app token, else over HTTP with a secret."""

    bot_token: str = field(repr=False)
    app_token: str | None = field(default=None, repr=False)
    signing_secret: str | None = field(default=None, repr=False)
    api_url: str = "https://slack.com/api/"


Streaming = Literal["edit", "native", "auto"]
"""How replies grow: by edits, as streams of Slack's own, or each by what has more budget left."""

Api = Literal["chat", "responses", "auto"]
"""Chat Completions; the Responses API; or whichever the model needs."""


@dataclass(frozen=True)
class ModelSettings:
    api_key: str = field(repr=False)
    name: str = "gpt-6-luna"
    base_url: str | None = field(default=None, repr=False)
    transcribe: str = ""
    """The model that writes down what people say aloud; empty for none."""
    speech: str = ""
    """The model that says aloud what is written; empty for none."""
    image: str = ""
    """The model that draws pictures; empty for none."""
    context_tokens: int = 100_000
    stall: float = 60.0
    """Seconds without a piece of the answer after which it counts as broken off."""
    api: Api = "auto"


@dataclass(frozen=True)
class Settings:
    slack: SlackSettings
    model: ModelSettings
    database_url: str = field(default=DATABASE, repr=False)
    instructions: str = DEFAULT
    admins: frozenset[str] = frozenset()
    tools: tuple[str, ...] = ()
    """The modules in which the team's own tools are."""
    mcp: str | None = None
    """The file that names MCP servers."""
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    """All of it, for those who are configured in files of their own."""
    streaming: Streaming = "edit"
    max_replies: int = 100
    """How many replies may be in flight at once."""
    grace: float = 25.0
    """Seconds that replies get to end when the bot is told to stop."""
    retention_days: int | None = None
    """Conversations that were not touched for so long are deleted; None keeps them."""
    log_level: str = "INFO"
    port: int | None = None

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must never be printed or logged."""
        known = (
            self.slack.bot_token,
            self.slack.app_token,
            self.slack.signing_secret,
            self.model.api_key,
            urlsplit(self.database_url).password,
            urlsplit(self.model.base_url or "").password,
        )
        return tuple(secret for secret in known if secret)


def parse(environment: Mapping[str, str]) -> Settings:
    """The settings in an environment; an empty value counts as none. Raises ConfigError."""
    env = _cleaned(environment)
    return Settings(
        slack=_slack(env),
        model=_model(env),
        database_url=database_url(env),
        instructions=env.get("SLACKBOT_INSTRUCTIONS", DEFAULT),
        admins=_read(env, "SLACKBOT_ADMINS", _user_ids, frozenset()),
        mcp=env.get("SLACKBOT_MCP"),
        environment=env,
        tools=_read(env, "SLACKBOT_TOOLS", _modules, ()),
        streaming=_read(env, "SLACKBOT_STREAMING", _streaming, "edit"),
        max_replies=_read(env, "SLACKBOT_MAX_REPLIES", _replies, Settings.max_replies),
        grace=_read(env, "SLACKBOT_GRACE", _seconds, Settings.grace),
        retention_days=_read(env, "SLACKBOT_RETENTION_DAYS", _days, None),
        log_level=_read(env, "LOG_LEVEL", _log_level, "INFO"),
        port=_read(env, "PORT", _port, None),
    )


def slack_settings(environment: Mapping[str, str]) -> SlackSettings:
    """How to reach Slack alone. Raises ConfigError."""
    return _slack(_cleaned(environment))


def database_url(environment: Mapping[str, str]) -> str:
    """The database's address alone. Raises ConfigError."""
    env = {"DATABASE_URL": environment.get("DATABASE_URL", "").strip()}
    return _read(env if env["DATABASE_URL"] else {}, "DATABASE_URL", _database_url, DATABASE)


def _cleaned(environment: Mapping[str, str]) -> Mapping[str, str]:
    env = {name: value.strip() for name, value in environment.items() if value.strip()}
    for name in SECRETS:
        if not re.fullmatch(r"[!-~]*", env.get(name, "")):
            raise ConfigError(name, "holds blanks or signs that no key has: copy it once more.")
    return env


def _slack(env: Mapping[str, str]) -> SlackSettings:
    bot_token = env.get("SLACK_BOT_TOKEN")
    if bot_token is None:
        raise ConfigError(
            "SLACK_BOT_TOKEN",
            "is not set: copy the Bot User OAuth Token (xoxb-…) from your Slack app's page "
            "«OAuth & Permissions».",
        )
    if not bot_token.startswith("xoxb-"):
        raise ConfigError(
            "SLACK_BOT_TOKEN",
            "does not look like a bot token: it starts with xoxb- (page «OAuth & Permissions»).",
        )
    app_token = env.get("SLACK_APP_TOKEN")
    if app_token is not None and not app_token.startswith("xapp-"):
        raise ConfigError(
            "SLACK_APP_TOKEN",
            "does not look like an app-level token: it starts with xapp- "
            "(page «Basic Information», scope connections:write).",
        )
    if app_token is None:
        _require_http(env)
    return SlackSettings(
        bot_token=bot_token,
        app_token=app_token,
        signing_secret=env.get("SLACK_SIGNING_SECRET"),
        api_url=_read(env, "SLACK_API_URL", _url, "https://slack.com/api").rstrip("/") + "/",
    )


def _require_http(env: Mapping[str, str]) -> None:
    if "SLACK_SIGNING_SECRET" not in env:
        raise ConfigError(
            "SLACK_APP_TOKEN",
            "is not set: set it for Socket Mode (xapp-…, page «Basic Information»), or set "
            "SLACK_SIGNING_SECRET and PORT to receive events over HTTP.",
        )
    if "PORT" not in env:
        raise ConfigError(
            "PORT",
            "is not set: without SLACK_APP_TOKEN the bot receives events over HTTP on that port.",
        )


def _model(env: Mapping[str, str]) -> ModelSettings:
    base_url = _read(env, "OPENAI_BASE_URL", _url, None)
    api_key = env.get("OPENAI_API_KEY")
    if api_key is None and base_url is None:
        raise ConfigError(
            "OPENAI_API_KEY",
            "is not set: create a key at https://platform.openai.com/api-keys, or set "
            "OPENAI_BASE_URL to a server of your own.",
        )
    return ModelSettings(
        api_key=api_key or "",
        name=env.get("OPENAI_MODEL", ModelSettings.name),
        base_url=base_url,
        transcribe=env.get("OPENAI_TRANSCRIBE_MODEL", "" if base_url else TRANSCRIBE),
        image=env.get("OPENAI_IMAGE_MODEL", ""),
        speech=env.get("OPENAI_SPEECH_MODEL", ""),
        context_tokens=_read(env, "OPENAI_CONTEXT_TOKENS", _tokens, ModelSettings.context_tokens),
        api=_read(env, "OPENAI_API", _api, ModelSettings.api),
    )


def _read(env: Mapping[str, str], name: str, parser: Callable[[str], T], default: T) -> T:
    if name not in env:
        return default
    try:
        return parser(env[name])
    except ValueError as err:
        raise ConfigError(name, str(err)) from err


def _url(value: str) -> str:
    if _parts(value).scheme not in {"http", "https"} or not _parts(value).hostname:
        raise ValueError("is not an address: it starts with https:// or http:// and names a host.")
    return value


def _parts(value: str) -> SplitResult:
    try:
        parts = urlsplit(value)
        _ = parts.port
    except ValueError as err:
        raise ValueError("is not an address: check its host and its port.") from err
    return parts


def _database_url(value: str) -> str:
    if "://" not in value or not _parts(value).scheme:
        raise ValueError("is not a database's address: use for example sqlite:///slackbot.db.")
    return value


def _port(value: str) -> int:
    if not re.fullmatch(r"[0-9]{1,5}", value) or int(value) > 65535:  # noqa: PLR2004
        raise ValueError("is not a port: use a number from 1 to 65535 (0: any free one).")
    return int(value)


def _tokens(value: str) -> int:
    return _whole(value, 100, "a number of tokens", "100000")


def _replies(value: str) -> int:
    return _whole(value, 1, "a number of replies", "100")


def _days(value: str) -> int:
    return _whole(value, 1, "a number of days", "90")


def _whole(value: str, least: int, what: str, example: str) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", value) or int(value) < least:
        raise ValueError(
            f"is not {what}: use a whole number, {least} or more, for example {example}."
        )
    return int(value)


def _seconds(value: str) -> float:
    if not re.fullmatch(r"[0-9]{1,5}(\.[0-9]{1,3})?", value):
        raise ValueError("is not a number of seconds: use a number, for example 25.")
    return float(value)


def _user_ids(value: str) -> frozenset[str]:
    ids = [part for part in re.split(r"[,\s]+", value) if part]
    if any(not re.fullmatch(r"[UW][A-Z0-9]+", user) for user in ids):
        raise ValueError(
            "is not a list of user ids: use ids such as U012AB3CD, separated by commas "
            "(Slack: profile, «Copy member ID»)."
        )
    return frozenset(ids)


def _modules(value: str) -> tuple[str, ...]:
    names = [part for part in re.split(r"[,\s]+", value) if part]
    if any(not all(part.isidentifier() for part in name.split(".")) for name in names):
        raise ValueError("is not a list of modules: use names such as my_tools, with commas.")
    return tuple(names)


def _streaming(value: str) -> Streaming:
    for way in get_args(Streaming):
        if value.lower() == way:
            return cast("Streaming", way)
    raise ValueError(f"is not a way to stream: use one of {', '.join(get_args(Streaming))}.")


def _api(value: str) -> Api:
    for api in get_args(Api):
        if value.lower() == api:
            return cast("Api", api)
    raise ValueError(f"is not one of OpenAI's APIs: use one of {', '.join(get_args(Api))}.")


def _log_level(value: str) -> str:
    if value.upper() not in LOG_LEVELS:
        raise ValueError(f"is not a log level: use one of {', '.join(LOG_LEVELS)}.")
    return value.upper()
