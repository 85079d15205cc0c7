"""What PostgreSQL's errors mean: https://www.postgresql.org/docs/current/errcodes-appendix.html"""

from collections.abc import Mapping

import psycopg
from psycopg import errors

from slackbot.errors import StoreError
from slackbot.store.postgres import texts


class UnreachableDatabaseError(Exception):
    """No connection could be opened. The log says why."""


class FailedGuardError(Exception):
    """The row that a transaction needs to go on is gone."""


class DeadlineError(psycopg.OperationalError):
    """The server did not answer in time. What it does with the statement is not known."""


TEXTS: Mapping[type[Exception], str] = {
    UnreachableDatabaseError: texts.AWAY,
    DeadlineError: texts.SLOW,
    errors.QueryCanceled: texts.SLOW,
    errors.LockNotAvailable: texts.SLOW,
    errors.IdleInTransactionSessionTimeout: texts.SLOW,
    errors.DiskFull: texts.FULL,
    errors.ReadOnlySqlTransaction: texts.READ_ONLY,
    errors.AdminShutdown: texts.AWAY,
    errors.CrashShutdown: texts.AWAY,
    errors.CannotConnectNow: texts.AWAY,
}


def store_error(error: psycopg.Error | UnreachableDatabaseError) -> StoreError:
    """The error for an operation that failed."""
    known = next((text for kind, text in TEXTS.items() if isinstance(error, kind)), "")
    # Without a code, it is libpq that says so: the connection is lost. PgBouncer has one code for
    # all that keeps it from the server, of the class of connections.
    code = None if isinstance(error, UnreachableDatabaseError) else error.sqlstate
    lost = isinstance(error, psycopg.OperationalError) and (code or "08").startswith("08")
    return StoreError(known or (texts.AWAY if lost else texts.FAILING))
