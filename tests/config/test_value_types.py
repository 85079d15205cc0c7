"""What can stand in a variable."""

import pytest

from slackbot import config
from slackbot.errors import ConfigError
from tests.config import SOCKET


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("SLACK_BOT_TOKEN", "xapp-1"),
        ("SLACK_BOT_TOKEN", "xoxb-1\n2"),
        ("SLACK_BOT_TOKEN", "xoxb-\udcff"),
        ("SLACK_APP_TOKEN", "xoxb-1"),
        ("SLACK_API_URL", "slack.com"),
        ("OPENAI_API_KEY", "sk-…"),
        ("OPENAI_API", "completions"),
        ("OPENAI_BASE_URL", "localhost:8000"),
        ("OPENAI_BASE_URL", "http://[::1"),
        ("OPENAI_BASE_URL", "http://host:port/v1"),
        ("OPENAI_CONTEXT_TOKENS", "many"),
        ("OPENAI_CONTEXT_TOKENS", "-5"),
        ("SLACKBOT_MAX_ANSWER_TOKENS", "0"),
        ("DATABASE_URL", "slackbot.db"),
        ("PORT", "http"),
        ("PORT", "70000"),
        ("SLACKBOT_ADMINS", "@ana"),
        ("SLACKBOT_ADMINS", "U1\udcff"),
        ("SLACKBOT_TOOLS", "our-tools.py"),
        ("SLACKBOT_TOOLS", "tools\udcff"),
        ("SLACKBOT_STREAMING", "fast"),
        ("SLACKBOT_MAX_REPLIES", "0"),
        ("SLACKBOT_MAX_REPLIES", "many"),
        ("SLACKBOT_GRACE", "-1"),
        ("SLACKBOT_GRACE", "nan"),
        ("SLACKBOT_RETENTION_DAYS", "0"),
        ("SLACKBOT_RETENTION_DAYS", "1.5"),
        ("LOG_LEVEL", "LOUD"),
    ],
)
def test_wrong_values(variable: str, value: str) -> None:
    """A wrong value is one line that begins with the variable and says what to write."""
    with pytest.raises(ConfigError) as caught:
        config.parse({**SOCKET, variable: value})
    message = caught.value.user_message
    assert caught.value.variable == variable
    assert message.startswith(f"{variable} ")
    assert ":" in message
    assert "\n" not in message
