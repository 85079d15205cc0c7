"""How to reach Slack."""

import pytest

from slackbot import config
from slackbot.errors import ConfigError
from tests.config import SOCKET


def test_the_api_url() -> None:
    """It is Slack's own, or another one, to which a slash is added."""
    assert config.slack_settings(SOCKET).api_url == "https://slack.com/api/"
    other = {**SOCKET, "SLACK_API_URL": "http://127.0.0.1:1/api"}
    assert config.slack_settings(other).api_url == "http://127.0.0.1:1/api/"


@pytest.mark.parametrize("signing_secret", ["", "s3cret"])
def test_a_way_to_receive_events(signing_secret: str) -> None:
    """An app token or a signing secret is required."""
    environment = {**SOCKET, "SLACK_APP_TOKEN": "", "SLACK_SIGNING_SECRET": signing_secret}
    if signing_secret:
        assert config.slack_settings(environment).app_token is None
    else:
        with pytest.raises(ConfigError, match=r"^SLACK_APP_TOKEN is not set"):
            config.slack_settings(environment)
