"""A connection on which no statement takes longer than its deadline, whatever the server does."""

import math
import time
from collections.abc import Generator, Mapping
from typing import Any

import psycopg

from slackbot.store.postgres.errors import DeadlineError

CONNECT_SECONDS = 5

DEFAULTS: Mapping[str, str | int] = {
    "connect_timeout": CONNECT_SECONDS,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,  # milliseconds
    "fallback_application_name": "slackbot",
}
"""For what an address leaves open. Each end of a connection that is gone notices it soon:
https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS
"""

OPTIONS: dict[str, Any] = {
    "autocommit": True,
    "prepare_threshold": None,
    "client_encoding": "UTF8",
}
"""Transactions are begun by statements, and nothing is prepared: PgBouncer gives each transaction
another connection to the server. Any text can be sent, whatever the address, the environment or the
database would choose.
"""


class TimedConnection(psycopg.Connection[tuple[Any, ...]]):
    deadline = math.inf
    """By `time.monotonic`."""
    has_worked = False
    """A transaction has begun on it. If it is lost after that, a new connection may work."""

    def __repr__(self) -> str:
        """Always the same: lines of the log that repeat can be counted then."""
        return "a connection to PostgreSQL"

    def wait(self, gen: Generator[Any, Any, Any], *args: Any, **kwargs: Any) -> Any:
        """Raises DeadlineError once the deadline is over; the connection is closed then.

        psycopg looks for signals several times a second, and asks the generator each time.
        """
        return super().wait(self._in_time(gen), *args, **kwargs)

    def _in_time(self, gen: Generator[Any, Any, Any]) -> Generator[Any, Any, Any]:
        try:
            wanted = next(gen)
            while True:
                ready = yield wanted
                if not ready and time.monotonic() > self.deadline:
                    self.pgconn.finish()
                    raise DeadlineError
                wanted = gen.send(ready)
        except StopIteration as end:
            return end.value
