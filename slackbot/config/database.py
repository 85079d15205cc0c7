"""Where the bot stores what it knows."""

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
