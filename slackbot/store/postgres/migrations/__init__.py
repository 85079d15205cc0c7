"""Brings the tables of a database to this version: numbered SQL files, each carried out once.

While a newer replica migrates, older ones still run, and go on afterwards: expand first, contract
later. So a migration of one release may

- create tables and indexes (not CONCURRENTLY: all of it is one transaction),
- add columns that may be null or have a default that is no function,
- fill them from what is there;

and only the release after may drop, rename or require what no replica uses any more. The `v` of
rows (`row_format.VERSION`) is raised by no migration that an older replica can meet: first a
release reads both, then one writes the new. Nothing takes a lock that lasts: a table that replicas
use is not rewritten. A file that was released is never changed.
"""

import logging
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

import psycopg

from slackbot.errors import StoreError
from slackbot.store.postgres.connection import TimedConnection

log = logging.getLogger(__name__)

MIGRATION_SECONDS = 600.0
"""How long it may take, with the wait for another replica that migrates."""

LIMITS = "SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0"
"""None, whatever the database or its user has: large tables and other replicas take their time."""

LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('migrations', 0))"
"""Of the transaction alone: it works through PgBouncer too."""

KNOWS = """
SELECT count(*) FROM pg_catalog.pg_class
WHERE relname = 'schema_versions' AND pg_table_is_visible(oid)
"""
"""to_regclass() may answer from a cache, which lacks what was made while the lock was awaited."""
VERSION = "SELECT coalesce(max(version), 0) FROM schema_versions"

CREATE = """
CREATE TABLE schema_versions (
    version integer PRIMARY KEY,
    migrated_at timestamptz NOT NULL DEFAULT now()
)
"""
ADD = "INSERT INTO schema_versions (version) VALUES (%s)"


def migrate(connection: TimedConnection) -> None:
    """Carries out what is missing, in one transaction. Several replicas may call this at once.

    Raises StoreError for the database of a newer version, and psycopg.Error.
    """
    steps = migrations()
    if _version(connection) == max(steps):
        return
    connection.isolation_level = psycopg.IsolationLevel.READ_COMMITTED  # sees what others did
    with connection.transaction():
        connection.execute(LIMITS)
        connection.execute(LOCK)
        version = _version(connection)
        if version > max(steps):
            raise StoreError(
                "The database is from a newer version of the bot: update the bot, or change "
                "DATABASE_URL."
            )
        if version == 0:
            connection.execute(CREATE)
        for number in range(version + 1, max(steps) + 1):
            connection.execute(steps[number])
            connection.execute(ADD, [number])
            log.info("Migrated the database to version %d", number)


@cache
def migrations() -> Mapping[int, bytes]:
    """The SQL of each migration, by its number."""
    found = {}
    for file in files(__name__).iterdir():
        if match := re.fullmatch(r"(\d{4})_\w+\.sql", file.name):
            found[int(match[1])] = file.read_bytes()
    return found


def _version(connection: TimedConnection) -> int:
    """0 for a database without tables of ours."""
    ((known,),) = connection.execute(KNOWS).fetchall()
    if not known:
        return 0
    ((version,),) = connection.execute(VERSION).fetchall()
    return int(version)
