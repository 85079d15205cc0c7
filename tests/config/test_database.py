"""Where the bot stores what it knows."""

import pytest

from slackbot import config
from slackbot.errors import ConfigError


def test_the_address() -> None:
    """It is read without the other settings, and is a file in the current folder by default."""
    assert config.database_url({}) == "sqlite:///slackbot.db"
    assert config.database_url({"DATABASE_URL": " sqlite:///a.db "}) == "sqlite:///a.db"
    with pytest.raises(ConfigError, match=r"^DATABASE_URL "):
        config.database_url({"DATABASE_URL": "a.db"})
