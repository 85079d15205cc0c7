"""The proxy for an address."""

import traceback

import pytest

from slackbot.errors import ConfigError
from slackbot.network.proxies import Proxies, Proxy

PROXY = "http://proxy.example:3128"
OTHER = "http://other.example:8080"


def test_without_variables_nothing_goes_through_a_proxy() -> None:
    """No proxy is used, and that is said."""
    proxies = Proxies.read({})
    assert proxies.for_url("https://slack.com/api/") is None
    assert proxies.way_to("https://slack.com/api/") == "directly"


@pytest.mark.parametrize(
    ("environment", "http", "https"),
    [
        ({"HTTPS_PROXY": PROXY}, None, PROXY),
        ({"HTTP_PROXY": PROXY}, PROXY, None),
        ({"ALL_PROXY": PROXY}, PROXY, PROXY),
        ({"ALL_PROXY": PROXY, "HTTPS_PROXY": OTHER}, PROXY, OTHER),
        ({"HTTPS_PROXY": PROXY, "https_proxy": OTHER}, None, OTHER),
        ({"HTTPS_PROXY": PROXY, "https_proxy": ""}, None, None),
        ({"HTTPS_PROXY": " "}, None, None),
        ({"HTTPS_PROXY": "proxy.example:3128"}, None, PROXY),
        ({"HTTPS_PROXY": "HTTP://Proxy.Example:3128/"}, None, PROXY),
        ({"HTTPS_PROXY": "https://proxy.example"}, None, "https://proxy.example:443"),
        ({"HTTPS_PROXY": "http://proxy.example"}, None, "http://proxy.example:80"),
        ({"HTTPS_PROXY": "http://[::1]:3128"}, None, "http://[::1]:3128"),
    ],
)
def test_each_scheme_has_its_variable(
    environment: dict[str, str], http: str | None, https: str | None
) -> None:
    """WebSockets follow the variable of the scheme that they begin as; lower case wins."""
    proxies = Proxies.read(environment)
    for scheme, address in (("http", http), ("ws", http), ("https", https), ("wss", https)):
        expected = None if address is None else Proxy(address)
        assert proxies.for_url(f"{scheme}://slack.test/") == expected, scheme


def test_credentials_are_decoded_and_sent() -> None:
    """User name and password may hold any character, and never show."""
    proxies = Proxies.read({"HTTPS_PROXY": "http://ana%40corp:p%3Ass%20w%C3%B6rd@proxy.example:1"})
    proxy = proxies.for_url("https://slack.com/")
    assert proxy is not None
    assert proxy.headers == {"Proxy-Authorization": "Basic YW5hQGNvcnA6cDpzcyB3w7ZyZA=="}
    assert proxies.secrets == (
        "p:ss wörd",
        "p%3Ass%20w%C3%B6rd",
        "YW5hQGNvcnA6cDpzcyB3w7ZyZA==",
    )
    shown = f"{proxies!r} {proxies.way_to('https://slack.com/')} {proxy.name}"
    assert not any(secret in shown for secret in (*proxies.secrets, "ana"))
    assert proxies.way_to("https://slack.com/") == "through proxy.example:1"


@pytest.mark.parametrize(
    "address",
    [
        "http://",
        "ftp://proxy.example",
        "http://proxy.example:port",
        "http://proxy.example:70000",
        "http://proxy example:3128",
        "http://[::1:3128",
        "http://ana:se#cret@proxy.example:3128",
    ],
)
def test_an_address_that_is_none(address: str) -> None:
    """The sentence names the variable, and does not repeat what may be a password."""
    with pytest.raises(ConfigError) as raised:
        Proxies.read({"https_proxy": address})
    assert raised.value.user_message.startswith("https_proxy is not the address of a proxy")
    assert "cret" not in "".join(traceback.format_exception(raised.value))


@pytest.mark.parametrize("scheme", ["socks5", "socks5h", "socks4", "socks"])
def test_socks(scheme: str) -> None:
    """A SOCKS proxy is named as what it is, wherever it would be used."""
    socks = {"ALL_PROXY": f"{scheme}://127.0.0.1:1080"}
    with pytest.raises(ConfigError, match="ALL_PROXY names a SOCKS proxy"):
        Proxies.read(socks)
    Proxies.read({**socks, "NO_PROXY": "*"})
    Proxies.read({**socks, "HTTP_PROXY": PROXY, "HTTPS_PROXY": PROXY})


def test_the_way_is_said() -> None:
    """Where no proxy is used although there is one, the reason is said."""
    proxies = Proxies.read({"HTTPS_PROXY": PROXY, "NO_PROXY": "models.example"})
    assert proxies.way_to("https://slack.com/api/") == "through proxy.example:3128"
    assert proxies.way_to("https://models.example/v1") == "directly (NO_PROXY)"
    assert proxies.way_to("https://localhost/v1") == "directly (it is this machine)"
    assert proxies.way_to("http://models.example/v1") == "directly"
    nothing = Proxies.read({"HTTPS_PROXY": PROXY, "NO_PROXY": "*"})
    assert nothing.way_to("https://slack.com/api/") == "directly (NO_PROXY)"
