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
