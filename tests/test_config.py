import traceback
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from slackbot import config
from slackbot.errors import ConfigError

SOCKET = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1", "OPENAI_API_KEY": "sk-1"}
HTTP = {
    "SLACK_BOT_TOKEN": "xoxb-1",
    "SLACK_SIGNING_SECRET": "s3cret",
    "PORT": "3000",
    "OPENAI_API_KEY": "sk-1",
}


def test_defaults() -> None:
    """Three variables are enough for Socket Mode; everything else has a default."""
    settings = config.parse(SOCKET)
    assert settings.slack.app_token == SecretStr("xapp-1")
    assert settings.slack.api_url == "https://slack.com/api/"
    assert settings.model.base_url is None
    assert settings.model.context_tokens == 100_000
    assert settings.database_url == "sqlite:///slackbot.db"
    assert settings.instructions == config.DEFAULT
    assert settings.port is None


def test_http() -> None:
    """Without an app token the bot listens on PORT and verifies with the signing secret."""
    settings = config.parse(HTTP)
    assert settings.slack.app_token is None
    assert (settings.slack.signing_secret, settings.port) == (SecretStr("s3cret"), 3000)


def test_own_server_needs_no_key() -> None:
    """A server of one's own is used without OPENAI_API_KEY."""
    env = {**SOCKET, "OPENAI_API_KEY": "", "OPENAI_BASE_URL": "http://localhost:8000/v1"}
    assert config.parse(env).model.base_url == "http://localhost:8000/v1"


def test_values_are_trimmed_and_empty_ones_ignored() -> None:
    """Blanks around a value do not count, and an empty value counts as none."""
    settings = config.parse(
        {**SOCKET, "SLACK_BOT_TOKEN": " xoxb-2\n", "PORT": "", "LOG_LEVEL": " "}
    )
    assert settings.slack.bot_token == SecretStr("xoxb-2")
    assert (settings.port, settings.log_level) == (None, "INFO")


def test_lists_and_levels() -> None:
    """Admins are a set of user ids, and the log level is read in any case."""
    settings = config.parse({**SOCKET, "SLACKBOT_ADMINS": "U1AB, W2CD", "LOG_LEVEL": "debug"})
    assert settings.admins == {"U1AB", "W2CD"}
    assert settings.log_level == "DEBUG"


def test_the_model_that_listens() -> None:
    """OpenAI's own is the default where OpenAI is asked, and nowhere else."""
    assert config.parse(SOCKET).model.transcribe == "gpt-transcribe"
    elsewhere = {**SOCKET, "OPENAI_BASE_URL": "http://localhost:8000/v1"}
    assert config.parse(elsewhere).model.transcribe == ""
    named = {**elsewhere, "OPENAI_TRANSCRIBE_MODEL": "whisper"}
    assert config.parse(named).model.transcribe == "whisper"


def test_streaming() -> None:
    """Replies grow by edits unless another way is chosen."""
    assert config.parse(SOCKET).streaming == "edit"
    assert config.parse({**SOCKET, "SLACKBOT_STREAMING": "Auto"}).streaming == "auto"


def test_tools() -> None:
    """Modules are named with commas; which of OpenAI's APIs is asked may be said in any case."""
    assert config.parse(SOCKET).tools == ()
    assert config.parse({**SOCKET, "SLACKBOT_TOOLS": "ours, a.b"}).tools == ("ours", "a.b")
    assert config.parse({**SOCKET, "SLACKBOT_MCP": "mcp.json"}).mcp == "mcp.json"
    assert config.parse(SOCKET).model.api == "auto"
    assert config.parse({**SOCKET, "OPENAI_API": "Responses"}).model.api == "responses"


@pytest.mark.parametrize(
    ("changes", "variable"),
    [
        ({"SLACKBOT_TOOLS": "our-tools.py"}, "SLACKBOT_TOOLS"),
        ({"OPENAI_API": "completions"}, "OPENAI_API"),
        ({"SLACK_BOT_TOKEN": ""}, "SLACK_BOT_TOKEN"),
        ({"SLACK_BOT_TOKEN": "xapp-1"}, "SLACK_BOT_TOKEN"),
        ({"SLACK_APP_TOKEN": "xoxb-1"}, "SLACK_APP_TOKEN"),
        ({"SLACK_APP_TOKEN": ""}, "SLACK_APP_TOKEN"),
        ({"SLACK_APP_TOKEN": "", "SLACK_SIGNING_SECRET": "s"}, "PORT"),
        ({"SLACK_API_URL": "slack.com"}, "SLACK_API_URL"),
        ({"OPENAI_API_KEY": ""}, "OPENAI_API_KEY"),
        ({"OPENAI_BASE_URL": "localhost:8000"}, "OPENAI_BASE_URL"),
        ({"OPENAI_BASE_URL": "http://[::1"}, "OPENAI_BASE_URL"),
        ({"OPENAI_BASE_URL": "http://host:port/v1"}, "OPENAI_BASE_URL"),
        ({"SLACK_BOT_TOKEN": "xoxb-1\n2"}, "SLACK_BOT_TOKEN"),
        ({"OPENAI_API_KEY": "sk-…"}, "OPENAI_API_KEY"),
        ({"DATABASE_URL": "postgresql://[::1/db"}, "DATABASE_URL"),
        ({"OPENAI_CONTEXT_TOKENS": "many"}, "OPENAI_CONTEXT_TOKENS"),
        ({"OPENAI_CONTEXT_TOKENS": "-5"}, "OPENAI_CONTEXT_TOKENS"),
        ({"DATABASE_URL": "slackbot.db"}, "DATABASE_URL"),
        ({"PORT": "http"}, "PORT"),
        ({"PORT": "70000"}, "PORT"),
        ({"SLACKBOT_ADMINS": "@ana"}, "SLACKBOT_ADMINS"),
        ({"SLACKBOT_STREAMING": "fast"}, "SLACKBOT_STREAMING"),
        ({"LOG_LEVEL": "LOUD"}, "LOG_LEVEL"),
        ({"SLACKBOT_ADMINS": "U1\udcff"}, "SLACKBOT_ADMINS"),
        ({"SLACKBOT_TOOLS": "tools\udcff"}, "SLACKBOT_TOOLS"),
        ({"SLACK_BOT_TOKEN": "xoxb-\udcff"}, "SLACK_BOT_TOKEN"),
    ],
)
def test_mistakes(changes: dict[str, str], variable: str) -> None:
    """A missing or malformed setting is one line that begins with the variable's name."""
    with pytest.raises(ConfigError) as caught:
        config.parse({**SOCKET, **changes})
    assert caught.value.user_message.startswith(f"{variable} ")
    assert "\n" not in caught.value.user_message


def test_secrets_are_known_and_not_shown() -> None:
    """What is secret is listed for the log to hide, and no setting's repr shows it."""
    urls = {"DATABASE_URL": "postgresql://me:pw@host/db", "OPENAI_BASE_URL": "http://me:pw2@host"}
    settings = config.parse({**SOCKET, **urls, "SLACK_SIGNING_SECRET": "shh"})
    assert set(settings.secrets) == {"xoxb-1", "xapp-1", "shh", "sk-1", "pw", "pw2"}
    assert not any(secret in repr(settings) for secret in settings.secrets)


@pytest.mark.parametrize(
    "variable",
    [
        *("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET"),
        *("OPENAI_API_KEY", "OPENAI_BASE_URL", "DATABASE_URL", "PORT", "SLACKBOT_ADMINS"),
    ],
)
def test_a_wrong_value_is_not_repeated(variable: str) -> None:
    """Neither the sentence nor a traceback repeats a wrong value, which may be a secret."""
    environment = {**SOCKET, variable: "//me:hush hush@host"}
    with pytest.raises(ConfigError) as caught:
        config.parse(environment)
    assert "hush" not in "".join(traceback.format_exception(caught.value))


def test_settings_are_frozen() -> None:
    """Nobody changes a setting; a copy may differ."""
    settings = config.parse(SOCKET)
    with pytest.raises(ValidationError):
        settings.grace = 1.0
    assert settings.model_copy(update={"grace": 1.0}).grace == 1.0
    assert settings.grace == config.GRACE


def test_only_the_mapping_is_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Neither the process's environment nor a .env file adds to the mapping that is given."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text("OPENAI_MODEL=from-a-file\n")
    for name in ("LOG_LEVEL", "log_level", "PORT", "slack", "OPENAI_TRANSCRIBE_MODEL"):
        monkeypatch.setenv(name, "9")
    settings = config.parse(SOCKET)
    assert settings == config.parse(SOCKET)
    assert (settings.log_level, settings.port) == ("INFO", None)
    assert (settings.model.name, settings.model.transcribe) == (config.MODEL, config.TRANSCRIBE)


def test_other_variables_do_not_matter() -> None:
    """Variables of others may hold anything; they are handed on to tools as they are."""
    others = {"bot_token": "x", "_env_file": "x", "port": "x", "CAFE": "caf\udce9"}
    settings = config.parse({**SOCKET, **others})
    assert settings.port is None
    assert {name: settings.environment[name] for name in others} == others


def test_a_part_alone() -> None:
    """The database's address and the way to Slack are read without the other settings."""
    assert config.database_url({}) == "sqlite:///slackbot.db"
    assert config.database_url({"DATABASE_URL": " sqlite:///a.db "}) == "sqlite:///a.db"
    with pytest.raises(ConfigError, match=r"^DATABASE_URL "):
        config.database_url({"DATABASE_URL": "a.db"})
    slack = {name: value for name, value in SOCKET.items() if name.startswith("SLACK")}
    assert config.slack_settings(slack) == config.parse(SOCKET).slack


def test_bounds_on_work() -> None:
    """How many replies at once, how long they get at the end, how long conversations are kept."""
    settings = config.parse(SOCKET)
    assert (settings.max_replies, settings.grace, settings.retention_days) == (100, 25.0, None)
    changes = {
        "SLACKBOT_MAX_REPLIES": "7",
        "SLACKBOT_GRACE": "0.5",
        "SLACKBOT_RETENTION_DAYS": "30",
    }
    settings = config.parse({**SOCKET, **changes})
    assert (settings.max_replies, settings.grace, settings.retention_days) == (7, 0.5, 30)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("SLACKBOT_MAX_REPLIES", "0"),
        ("SLACKBOT_MAX_REPLIES", "many"),
        ("SLACKBOT_GRACE", "-1"),
        ("SLACKBOT_GRACE", "nan"),
        ("SLACKBOT_RETENTION_DAYS", "0"),
        ("SLACKBOT_RETENTION_DAYS", "1.5"),
    ],
)
def test_bounds_that_make_no_sense(variable: str, value: str) -> None:
    """The error names the variable."""
    with pytest.raises(ConfigError) as refused:
        config.parse({**SOCKET, variable: value})
    assert refused.value.variable == variable
