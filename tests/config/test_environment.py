"""Reading settings from a mapping."""

import traceback
from pathlib import Path

import pytest
from pydantic import SecretStr

from slackbot import config
from slackbot.errors import ConfigError
from tests.config import SOCKET


def test_empty_values() -> None:
    """Values are trimmed, and an empty one counts as not set."""
    settings = config.parse(
        {**SOCKET, "SLACK_BOT_TOKEN": " xoxb-2\n", "PORT": "", "LOG_LEVEL": " "}
    )
    assert settings.slack.bot_token == SecretStr("xoxb-2")
    assert (settings.port, settings.log_level) == (None, "INFO")


def test_a_required_variable() -> None:
    """The error for a missing variable says where to find the value."""
    with pytest.raises(ConfigError, match=r"^SLACK_BOT_TOKEN is not set: copy "):
        config.parse({**SOCKET, "SLACK_BOT_TOKEN": ""})


@pytest.mark.parametrize(
    "variable",
    [
        *("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET"),
        *("OPENAI_API_KEY", "OPENAI_BASE_URL", "DATABASE_URL", "PORT", "SLACKBOT_ADMINS"),
    ],
)
def test_a_wrong_value_is_not_repeated(variable: str) -> None:
    """Neither the message nor a traceback repeats a wrong value, which may be a secret."""
    environment = {**SOCKET, variable: "//me:hush hush@host"}
    with pytest.raises(ConfigError) as caught:
        config.parse(environment)
    assert "hush" not in "".join(traceback.format_exception(caught.value))


def test_only_the_mapping_is_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Neither the process's environment nor a .env file adds to the mapping."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text("OPENAI_MODEL=from-a-file\n")
    names = ("LOG_LEVEL", "log_level", "PORT", "slack", "OPENAI_TRANSCRIBE_MODEL", "stall_seconds")
    for name in names:
        monkeypatch.setenv(name, "9")
    settings = config.parse(SOCKET)
    assert (settings.log_level, settings.port) == ("INFO", None)
    assert settings.model.name == config.DEFAULT_MODEL
    assert settings.model.transcribe_model == config.DEFAULT_TRANSCRIBE_MODEL
    assert settings.model.stall_seconds == 60.0


def test_other_variables() -> None:
    """Variables of other programs can hold anything, and are passed on as they are."""
    others = {"bot_token": "x", "_env_file": "x", "port": "x", "CAFE": "caf\udce9"}
    settings = config.parse({**SOCKET, **others})
    assert settings.port is None
    assert {name: settings.environment[name] for name in others} == others
