"""All settings of the bot."""

import pytest
from pydantic import SecretStr, ValidationError

from slackbot import config
from slackbot.errors import ConfigError
from tests.config import HTTP, SOCKET


def test_defaults() -> None:
    """Three variables are enough for Socket Mode; all others have a default."""
    settings = config.parse(SOCKET)
    assert settings.slack.app_token == SecretStr("xapp-1")
    assert settings.instructions == config.DEFAULT_INSTRUCTIONS
    assert settings.grace_seconds == config.DEFAULT_GRACE_SECONDS
    assert settings.streaming == "auto"
    assert settings.tools == ()
    assert settings.port is None


def test_http() -> None:
    """Without an app token, the bot receives events over HTTP on PORT."""
    settings = config.parse(HTTP)
    assert settings.slack.app_token is None
    assert (settings.slack.signing_secret, settings.port) == (SecretStr("s3cret"), 3000)
    with pytest.raises(ConfigError, match=r"^PORT is not set"):
        config.parse({**HTTP, "PORT": ""})


def test_values() -> None:
    """Each variable sets its field."""
    settings = config.parse(
        {
            **SOCKET,
            "SLACKBOT_INSTRUCTIONS": "Be kind.",
            "SLACKBOT_ADMINS": "U1AB, W2CD",
            "SLACKBOT_TOOLS": "ours, a.b",
            "SLACKBOT_MCP": "mcp.json",
            "SLACKBOT_STREAMING": "Edit",
            "SLACKBOT_MAX_REPLIES": "7",
            "SLACKBOT_GRACE": "0.5",
            "SLACKBOT_RETENTION_DAYS": "30",
            "LOG_LEVEL": "debug",
        }
    )
    assert settings.instructions == "Be kind."
    assert settings.admins == {"U1AB", "W2CD"}
    assert (settings.tools, settings.mcp) == (("ours", "a.b"), "mcp.json")
    assert settings.streaming == "edit"
    assert (settings.max_replies, settings.grace_seconds, settings.retention_days) == (7, 0.5, 30)
    assert settings.log_level == "DEBUG"


def test_secrets() -> None:
    """Every secret is listed for the log to hide, and no repr shows one."""
    urls = {"DATABASE_URL": "postgresql://me:pw@host/db", "OPENAI_BASE_URL": "http://me:pw2@host"}
    proxy = {"HTTPS_PROXY": "http://me:pw%203@proxy.example:3128"}
    others = {"OPENAI_API_KEY": "", "SLACK_SIGNING_SECRET": "shh"}
    others["SLACKBOT_LISTEN_URL"] = "postgresql://me:pw4@host/db"
    settings = config.parse({**SOCKET, **urls, **proxy, **others})
    of_proxy = {"pw 3", "pw%203", "bWU6cHcgMw=="}
    assert set(settings.secrets) == {"xoxb-1", "xapp-1", "shh", "pw", "pw2", "pw4", *of_proxy}
    assert "sk-1" in config.parse(SOCKET).secrets
    assert not any(secret in repr(settings) for secret in settings.secrets)


def test_settings_are_frozen() -> None:
    """A setting can't be changed, but a copy can differ."""
    settings = config.parse(SOCKET)
    with pytest.raises(ValidationError):
        settings.grace_seconds = 1.0
    assert settings.model_copy(update={"grace_seconds": 1.0}).grace_seconds == 1.0
    assert settings.grace_seconds == config.DEFAULT_GRACE_SECONDS


def test_only_a_part() -> None:
    """How to reach Slack is read without the other settings."""
    slack = {name: value for name, value in SOCKET.items() if name.startswith("SLACK")}
    assert config.slack_settings(slack) == config.parse(SOCKET).slack
