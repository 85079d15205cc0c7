"""Where the bot stores what it knows."""

import pytest

from slackbot import config
from slackbot.config.database import DatabaseSettings
from slackbot.errors import ConfigError


def test_the_address() -> None:
    """It is read without the other settings, and is a file in the current folder by default."""
    assert config.database_url({}) == "sqlite:///slackbot.db"
    assert config.database_url({"DATABASE_URL": " sqlite:///a.db "}) == "sqlite:///a.db"
    with pytest.raises(ConfigError, match=r"^DATABASE_URL "):
        config.database_url({"DATABASE_URL": "a.db"})


def test_the_address_to_listen_at() -> None:
    """It is left out unless it is set, and must be an address."""
    assert DatabaseSettings.read({}).listen_url is None
    address = "postgresql://a:b@c/d"
    assert DatabaseSettings.read({"SLACKBOT_LISTEN_URL": address}).listen_url == address
    with pytest.raises(ConfigError, match=r"^SLACKBOT_LISTEN_URL "):
        DatabaseSettings.read({"SLACKBOT_LISTEN_URL": "c/d"})


@pytest.mark.parametrize(
    ("address", "passwords"),
    [
        ("postgresql://me:a%40b@host/db", {"a%40b", "a@b"}),
        ("postgresql://me:a#b?c[d@host/db", {"a#b?c[d"}),
        ("postgresql://me:a:b@one,two/db", {"a:b"}),
        ("postgresql://me:a@b@host/db", {"a", "a@b"}),
        ("postgresql:///db?host=host&password=a%20b&user=me", {"a%20b", "a b"}),
        ("postgresql://host/db?sslpassword=ab", {"ab"}),
        ("postgresql://me@host:5432/db?user=me", set()),
        ("sqlite:///a:b@c.db", set()),
    ],
)
def test_passwords(address: str, passwords: set[str]) -> None:
    """They are found wherever libpq finds them, also where they are no part of a valid URL."""
    settings = DatabaseSettings.read({"DATABASE_URL": address})
    assert {*settings.passwords()} == passwords
