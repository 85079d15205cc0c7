"""What PostgreSQL's errors mean: https://www.postgresql.org/docs/current/errcodes-appendix.html"""

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


PASSING: tuple[tuple[type[BaseException] | tuple[type[BaseException], ...], str], ...] = (
    (errors.DiskFull, texts.FULL),
    (errors.ReadOnlySqlTransaction, texts.READ_ONLY),
    ((DeadlineError, errors.QueryCanceled, errors.LockNotAvailable), texts.SLOW),
    (UnreachableDatabaseError, texts.AWAY),
)


def store_error(error: psycopg.Error | UnreachableDatabaseError) -> StoreError:
    """The error for an operation that failed."""
    for kind, text in PASSING:
        if isinstance(error, kind):
            return StoreError(text)
    # Without a code, it is libpq that says so: the connection is lost.
    lost = isinstance(error, psycopg.OperationalError) and error.sqlstate is None
    ended = isinstance(error, errors.AdminShutdown | errors.CrashShutdown | errors.CannotConnectNow)
    return StoreError(texts.AWAY if lost or ended else texts.FAILING)
