"""Notices that the database is a copy of one: it was restored from a backup, or moved.

A table of one row says which database it was when a process opened it last: it is copied with all
the others. What waits in a copy may be answered by now. A look too many costs a call to Slack, as
after a failover; none costs a second answer.
"""

import logging
from typing import LiteralString

import psycopg

from slackbot.store.postgres.connection import TimedConnection
from slackbot.store.postgres.migrations import LIMITS
from slackbot.store.postgres.table import PostgresTable
from slackbot.store.restored import RestoredTable

log = logging.getLogger(__name__)

LOCK = "LOCK TABLE database_identity IN EXCLUSIVE MODE"

SIGNS: tuple[LiteralString, ...] = (
    "SELECT oid FROM pg_database WHERE datname = current_database()",
    "SELECT 'database_identity'::regclass::oid",  # pg_restore creates it again
    "SELECT system_identifier FROM pg_control_system()",  # of another server
    "SELECT left(pg_walfile_name(pg_current_wal_lsn()), 8)",  # the timeline: a recovery ends it
)
"""What differs in a copy. A provider may not allow each of them.

https://www.postgresql.org/docs/current/continuous-archiving.html#BACKUP-TIMELINES
"""

READ = "SELECT identity FROM database_identity"
CLEAR = "DELETE FROM database_identity"
WRITE = "INSERT INTO database_identity (identity) VALUES (%s)"


def mark_if_restored(connection: TimedConnection) -> None:
    """Notes which messages wait, if the database is another one than before. Raises
    psycopg.Error.
    """
    identity = "/".join(_answer(connection, sign) for sign in SIGNS)
    if connection.execute(READ).fetchall() == [(identity,)]:
        return
    with connection.transaction():
        connection.execute(LIMITS)
        connection.execute(LOCK)
        RestoredTable(PostgresTable(connection)).mark()
        connection.execute(CLEAR)
        connection.execute(WRITE, [identity])
    log.info("The database is new or restored: answers to what waits there are looked for first")


def _answer(connection: TimedConnection, question: LiteralString) -> str:
    try:
        return str(connection.execute(question).fetchall()[0][0])
    except psycopg.errors.Error as error:
        if connection.closed:
            raise
        log.debug("The server does not say which one it is: %s", error.sqlstate)
        return ""
