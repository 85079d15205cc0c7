"""Where the bot stores what it knows."""

import re
from collections.abc import Iterator
from urllib.parse import unquote

from pydantic import Field

from slackbot.config.environment import EnvironmentSettings
from slackbot.config.value_types import DatabaseAddress


class DatabaseSettings(EnvironmentSettings):
    database_url: DatabaseAddress = Field(
        "sqlite:///slackbot.db",
        repr=False,
        validation_alias="DATABASE_URL",
        description="where conversations are kept: a file for one process, or `postgresql://…`",
    )
    listen_url: DatabaseAddress | None = Field(
        None,
        repr=False,
        validation_alias="SLACKBOT_LISTEN_URL",
        description="an address of the PostgreSQL server itself, if `DATABASE_URL` leads to "
        "PgBouncer in transaction mode: see [Several replicas](operations.md#several-replicas)",
    )

    def passwords(self) -> Iterator[str]:
        """Those in the addresses, as they stand there and decoded."""
        for address in filter(None, (self.database_url, self.listen_url)):
            for pattern in _PASSWORDS:
                for password in pattern.findall(address):
                    yield from (password, unquote(password))


_PASSWORDS = (
    re.compile(r"^\w+://[^:@/]*:(.*?)@", re.DOTALL),
    re.compile(r"^\w+://[^:@/]*:(.*)@", re.DOTALL),
    re.compile(r"[?&](?:ssl)?password=([^&]*)", re.DOTALL),
)
"""Where libpq looks for passwords, and where people may think that it does, as with an `@` in one.
https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS
"""
