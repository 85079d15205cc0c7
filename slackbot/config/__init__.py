"""The settings, read once from a mapping of environment variables.

`parse(environment)` gives all of them; a mistake is a ConfigError that names the variable. The
table in docs/settings.md is generated from the fields here: `python -m docs.settings`.
"""

from slackbot.config.database import DatabaseSettings
from slackbot.config.environment import EnvironmentSettings
from slackbot.config.model import (
    DEFAULT_MODEL,
    DEFAULT_TRANSCRIBE_MODEL,
    Api,
    ModelSettings,
)
from slackbot.config.model_address import ModelAddress
from slackbot.config.oauth import OAuthSettings
from slackbot.config.settings import (
    DEFAULT_GRACE_SECONDS,
    DEFAULT_INSTRUCTIONS,
    LogLevel,
    Settings,
    Streaming,
    database_url,
    parse,
    slack_settings,
)
from slackbot.config.slack import SlackSettings

__all__ = [
    "DEFAULT_GRACE_SECONDS",
    "DEFAULT_INSTRUCTIONS",
    "DEFAULT_MODEL",
    "DEFAULT_TRANSCRIBE_MODEL",
    "Api",
    "DatabaseSettings",
    "EnvironmentSettings",
    "LogLevel",
    "ModelAddress",
    "ModelSettings",
    "OAuthSettings",
    "Settings",
    "SlackSettings",
    "Streaming",
    "database_url",
    "parse",
    "slack_settings",
]
