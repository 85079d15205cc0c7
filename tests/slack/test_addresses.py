"""The addresses at which Slack is reached."""

import pytest

from slackbot.slack.addresses import slack_addresses


@pytest.mark.parametrize(
    ("api", "socket", "files"),
    [
        ("https://slack.com/api/", "wss://wss-primary.slack.com/", "https://files.slack.com/"),
        ("https://www.slack.com/api/", "wss://wss-primary.slack.com/", "https://files.slack.com/"),
        (
            "https://slack-gov.com/api/",
            "wss://wss-primary.slack-gov.com/",
            "https://files.slack-gov.com/",
        ),
        ("http://127.0.0.1:5000/api/", "ws://127.0.0.1:5000/", "http://127.0.0.1:5000/"),
        (
            "https://slack.com.example/api/",
            "wss://slack.com.example/",
            "https://slack.com.example/",
        ),
    ],
)
def test_addresses(api: str, socket: str, files: str) -> None:
    """Slack's own parts have hosts of their own; a local Slack has one."""
    assert slack_addresses(api) == {"Web API": api, "socket": socket, "files": files}
