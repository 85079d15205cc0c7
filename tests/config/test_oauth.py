"""The settings for workspaces that install the app by themselves."""

import io
import shlex
from contextlib import redirect_stdout

import pytest

from slackbot import config
from slackbot.config.value_types import MAKE_ENCRYPTION_KEY
from slackbot.errors import ConfigError
from tests.config import ENCRYPTION_KEY, HTTP, OAUTH, OTHER_ENCRYPTION_KEY, SOCKET


def refusal(**changes: str) -> ConfigError:
    """The error that the settings for several workspaces end with, after these changes."""
    with pytest.raises(ConfigError) as caught:
        config.parse({**OAUTH, **changes})
    return caught.value


@pytest.mark.parametrize("environment", [SOCKET, HTTP])
def test_one_workspace(environment: dict[str, str]) -> None:
    """Without the variables, the bot serves the workspace of its token."""
    slack = config.parse(environment).slack
    assert (slack.installs, slack.token) == (None, "xoxb-1")


@pytest.mark.parametrize("app_token", ["", "xapp-1"])
def test_several_workspaces(app_token: str) -> None:
    """With them no bot token is needed, over HTTP or a socket."""
    slack = config.parse({**OAUTH, "SLACK_APP_TOKEN": app_token}).slack
    assert slack.installs is not None
    assert slack.bot_token is None
    assert slack.installs.client_id == "111.222"
    assert slack.installs.client_secret.get_secret_value() == "c11ent"
    assert [key.get_secret_value() for key in slack.installs.encryption_keys] == [ENCRYPTION_KEY]


def test_several_keys() -> None:
    """A comma separates keys, which stay in their order."""
    both = f"{OTHER_ENCRYPTION_KEY}, {ENCRYPTION_KEY}"
    installs = config.parse({**OAUTH, "SLACKBOT_ENCRYPTION_KEY": both}).slack.installs
    assert installs is not None
    keys = [key.get_secret_value() for key in installs.encryption_keys]
    assert keys == [OTHER_ENCRYPTION_KEY, ENCRYPTION_KEY]


def test_both_ways_at_once() -> None:
    """A bot token next to a client ID leaves open whom the bot serves."""
    message = refusal(SLACK_BOT_TOKEN="xoxb-1").user_message
    assert message.startswith("SLACK_BOT_TOKEN must not be set together with SLACK_CLIENT_ID")
    rest = refusal(SLACK_BOT_TOKEN="xoxb-1", SLACK_CLIENT_ID="", SLACK_CLIENT_SECRET="")
    assert "together with SLACKBOT_ENCRYPTION_KEY" in rest.user_message


@pytest.mark.parametrize(
    "variable",
    ["SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET", "SLACKBOT_ENCRYPTION_KEY", "PORT"],
)
def test_a_variable_that_lacks(variable: str) -> None:
    """Each of them is asked for by its name, in Socket Mode too."""
    error = refusal(**{variable: "", "SLACK_APP_TOKEN": "xapp-1"})
    assert error.variable == variable
    assert error.user_message.startswith(f"{variable} is not set: ")


@pytest.mark.parametrize(
    "key",
    [
        "short",
        ENCRYPTION_KEY[:-1],
        f"{ENCRYPTION_KEY},short",
        ENCRYPTION_KEY.replace("=", "+"),
        ",",
    ],
)
def test_a_key_that_is_none(key: str) -> None:
    """A malformed key is one sentence with the command that makes one, and does not repeat it."""
    error = refusal(SLACKBOT_ENCRYPTION_KEY=key)
    assert error.variable == "SLACKBOT_ENCRYPTION_KEY"
    assert MAKE_ENCRYPTION_KEY in error.user_message
    assert "short" not in error.user_message
    assert ENCRYPTION_KEY[:8] not in error.user_message


def test_the_command_makes_a_key() -> None:
    """What the sentence tells people to run prints a key that is accepted."""
    python, dash_c, program = shlex.split(MAKE_ENCRYPTION_KEY)
    assert (python, dash_c) == ("python3", "-c")
    printed = io.StringIO()
    with redirect_stdout(printed):
        exec(program)  # noqa: S102 - it is ours
    made = printed.getvalue()
    assert config.parse({**OAUTH, "SLACKBOT_ENCRYPTION_KEY": made}).slack.installs is not None


@pytest.mark.parametrize("client_id", ["A012AB3CD", "111", "111.222.333", "xoxb-1"])
def test_a_client_id_that_is_none(client_id: str) -> None:
    """The ID of the app and a token are mistaken for it."""
    assert refusal(SLACK_CLIENT_ID=client_id).variable == "SLACK_CLIENT_ID"


def test_they_are_secrets() -> None:
    """The client secret and each key are never logged, and not shown with the settings."""
    both = f"{OTHER_ENCRYPTION_KEY},{ENCRYPTION_KEY}"
    settings = config.parse({**OAUTH, "SLACKBOT_ENCRYPTION_KEY": both})
    secrets = ("c11ent", ENCRYPTION_KEY, OTHER_ENCRYPTION_KEY)
    assert set(secrets) <= set(settings.secrets)
    assert not any(secret in repr(settings.slack.installs) for secret in secrets)
