"""The addresses at which Slack is reached."""

import pytest
from yarl import URL

from slackbot.slack.addresses import file_address, slack_addresses


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


OWN = URL("http://127.0.0.1:5000")


@pytest.mark.parametrize(
    "named",
    [
        "https://files.slack.com/files-pri/T1-F1/cat.png",
        "https://files.slack-gov.com/files-pri/T1-F1/cat.png",
        "http://127.0.0.1:5000/files/F1/cat.png",
    ],
)
def test_slacks_own_hosts(named: str) -> None:
    """Slack's hosts, and that of SLACK_API_URL."""
    assert file_address(named, OWN) == URL(named)


@pytest.mark.parametrize(
    "named",
    [
        "",
        None,
        "nonsense",
        "/files/F1/cat.png",
        "http://files.slack.com/x",
        "https://slack.com.evil.example/x",
        "https://evilslack.com/x",
        "https://files.slack.com:8443/x",
        "https://files.slack.com@evil.example/x",
        "https://evil.example\\.slack.com/x",
        "https://evil.example#.slack.com/x",
        "https://evil.example?.slack.com/x",
        "http://127.0.0.1:5001/x",
        "https://127.0.0.1:5000/x",
        "file:///etc/passwd",
        "ftp://files.slack.com/x",
    ],
)
def test_other_hosts(named: object) -> None:
    """Nothing that only looks like one of them."""
    assert file_address(named, OWN) is None
