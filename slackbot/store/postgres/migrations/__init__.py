"""Brings the tables of a database to this version: numbered SQL files, each carried out once.

A program has the version of its last file. While a newer replica migrates, older ones still run,
and are started again. So each file begins with two facts:

    -- works with programs from version 1 on; rows have version 5

An older program is refused at its start only if the database needs a newer one. Expand first,
contract later: a migration of one release may

- create tables and indexes (not CONCURRENTLY: all of it is one transaction),
- add columns that may be null or have a default that is no function,
- fill them from what is there;

and only a later one may drop, rename or require what no replica uses any more: it works with
programs from the first version on that does not use it. The same holds for what stands in the rows.
An added field is a new `row_format.VERSION` too, as older programs refuse fields that they do not
know. First a release reads both, with a file of its own that may change nothing, then one writes
the new. A row of a newer version is never set aside (`table.py`). Nothing takes a lock that lasts:
a table that replicas use is not rewritten. A file that was released is never changed.
"""

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
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

FACTS = re.compile(rb"-- works with programs from version (\d+) on; rows have version (\d+)\n")

LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('migrations', 0))"
"""Of the transaction alone: it works through PgBouncer too."""

KNOWS = """
SELECT count(*) FROM pg_catalog.pg_class
WHERE relname = 'schema_versions' AND pg_table_is_visible(oid)
"""
"""to_regclass() may answer from a cache, which lacks what was made while the lock was awaited."""
VERSIONS = "SELECT coalesce(max(version), 0), coalesce(max(works_from), 0) FROM schema_versions"

CREATE = """
CREATE TABLE schema_versions (
    version integer PRIMARY KEY,
    works_from integer NOT NULL,
    migrated_at timestamptz NOT NULL DEFAULT now()
)
"""
ADD = "INSERT INTO schema_versions (version, works_from) VALUES (%s, %s)"


@dataclass(frozen=True, slots=True)
class Migration:
    sql: bytes
    works_from: int
    """The version of the oldest program that works with the tables afterwards."""
    rows: int
    """The `row_format.VERSION` of programs of this version."""


def migrate(connection: TimedConnection, known: Mapping[int, Migration] | None = None) -> None:
    """Carries out what is missing, in one transaction. Several replicas may call this at once.

    `known` are the migrations of the program, by their numbers; those of this one by default.
    Raises StoreError if the database needs a newer program, and psycopg.Error.
    """
    known = migrations() if known is None else known
    newest = max(known)
    if _version(connection, newest) >= newest:
        return
    connection.isolation_level = psycopg.IsolationLevel.READ_COMMITTED  # sees what others did
    with connection.transaction():
        connection.execute(LIMITS)
        connection.execute(LOCK)
        version = _version(connection, newest)
        if version == 0:
            connection.execute(CREATE)
        for number in range(version + 1, newest + 1):
            connection.execute(known[number].sql)
            connection.execute(ADD, [number, known[number].works_from])
            log.info("Migrated the database to version %d", number)


@cache
def migrations() -> Mapping[int, Migration]:
    """Each migration, by its number."""
    found = {}
    for file in files(__name__).iterdir():
        if match := re.fullmatch(r"(\d{4})_\w+\.sql", file.name):
            sql = file.read_bytes()
            facts = FACTS.match(sql)
            assert facts is not None, file.name  # noqa: S101 - the files are ours
            found[int(match[1])] = Migration(sql, *map(int, facts.groups()))
    return found


def _version(connection: TimedConnection, newest: int) -> int:
    """That of the database; 0 without tables of ours. `newest` is that of the program.

    Raises StoreError if the program is too old.
    """
    ((is_known,),) = connection.execute(KNOWS).fetchall()
    if not is_known:
        return 0
    ((version, works_from),) = connection.execute(VERSIONS).fetchall()
    if newest < works_from:
        raise StoreError(
            "A newer version of the bot has changed the database, and this one is too old for it: "
            "update the bot, or change DATABASE_URL."
        )
    return int(version)
