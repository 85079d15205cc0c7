"""What NO_PROXY says."""

import pytest

from slackbot.network.no_proxy import NoProxy, is_this_machine


@pytest.mark.parametrize(
    ("value", "host", "port", "direct"),
    [
        ("", "slack.com", 443, False),
        ("*", "slack.com", 443, True),
        ("a.example, *", "slack.com", 443, True),
        ("slack.com", "slack.com", 443, True),
        ("slack.com", "files.slack.com", 443, True),
        ("slack.com", "notslack.com", 443, False),
        (".slack.com", "slack.com", 443, True),
        (".slack.com", "files.slack.com", 443, True),
        ("*.slack.com", "files.slack.com", 443, True),
        ("files.slack.com", "slack.com", 443, False),
        ("SLACK.com", "Slack.COM.", 443, True),
        ("slack.com:443", "slack.com", 443, True),
        ("slack.com:8443", "slack.com", 443, False),
        ("a.example,b.example", "b.example", 443, True),
        ("a.example b.example", "b.example", 443, True),
        (" a.example ,, b.example ", "b.example", 443, True),
        (".", "slack.com", 443, False),
        ("münchen.example", "xn--mnchen-3ya.example", 443, True),
        ("xn--mnchen-3ya.example", "münchen.example", 443, True),
        ("10.1.2.3", "10.1.2.3", 80, True),
        ("10.1.2.3", "10.1.2.30", 80, False),
        ("10.1.2.3:8000", "10.1.2.3", 8000, True),
        ("10.1.2.3:8000", "10.1.2.3", 80, False),
        ("10.0.0.0/8", "10.1.2.3", 80, True),
        ("10.0.0.0/8", "11.1.2.3", 80, False),
        ("10.0.0.0/8", "models.example", 80, False),
        ("10.1.2.3/8", "10.9.9.9", 80, True),
        ("fd00::/8", "fd12::1", 80, True),
        ("fd12::1", "fd12:0::1", 80, True),
        ("[fd12::1]", "fd12::1", 80, True),
        ("[fd12::1]:8000", "fd12::1", 8000, True),
        ("[fd12::1]:8000", "fd12::1", 80, False),
        ("10.0.0.0/8", "fd12::1", 80, False),
        ("10.0.0.0/99", "10.1.2.3", 80, False),
        ("[not/an:address", "10.1.2.3", 80, False),
    ],
)
def test_entries(value: str, host: str, *, port: int, direct: bool) -> None:
    """Hosts with their subdomains, addresses and networks, with ports or without, and *."""
    assert NoProxy.parse(value).names(host, port) is direct


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("localhost", True),
        ("LOCALHOST.", True),
        ("models.localhost", True),
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("192.168.0.1", False),
        ("10.0.0.1", False),
        ("localhost.example", False),
        ("", False),
    ],
)
def test_this_machine(host: str, *, expected: bool) -> None:
    """Names and addresses that no proxy can reach for the bot."""
    assert is_this_machine(host) is expected
