"""What people read when PostgreSQL can't do its work."""

import psycopg
import pytest
from psycopg import errors

from slackbot.store.postgres import texts
from slackbot.store.postgres.errors import (
    DeadlineError,
    UnreachableDatabaseError,
    store_error,
)


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (errors.DiskFull("No space left on device"), texts.FULL),
        (errors.ReadOnlySqlTransaction(), texts.READ_ONLY),
        (errors.QueryCanceled(), texts.SLOW),
        (DeadlineError(), texts.SLOW),
        (errors.AdminShutdown(), texts.AWAY),
        (psycopg.OperationalError("server closed the connection unexpectedly"), texts.AWAY),
        (UnreachableDatabaseError(), texts.AWAY),
        (errors.ProtocolViolation("server login has been failing"), texts.AWAY),  # PgBouncer's
        (errors.TooManyConnections(), texts.FAILING),
        (errors.InvalidTextRepresentation("secret"), texts.FAILING),
    ],
    ids=lambda value: type(value).__name__,
)
def test_one_sentence(error: psycopg.Error | UnreachableDatabaseError, text: str) -> None:
    """It says what is wrong, and nothing of the server's words."""
    assert store_error(error).user_message == text
