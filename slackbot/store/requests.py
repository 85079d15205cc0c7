"""Requests that were carried out lately, so that a repeat after a restart is known as one.

What identifies a request is stored as a hash, which has no name and no text in it.
"""

import hashlib
from collections.abc import Callable

from slackbot.conversation.ids import TeamId
from slackbot.store import keys, row_format
from slackbot.store.table import Table

REMEMBERED_SECONDS = 600
"""As long as a signed request counts as current, and as long before it.

https://docs.slack.dev/authentication/verifying-requests-from-slack
"""


class RequestTable:
    """Blocks."""

    def __init__(self, table: Table, clock: Callable[[], float]) -> None:
        """`clock` gives seconds since the epoch."""
        self._table = table
        self._clock = clock

    def claim(self, team: TeamId, identity: str) -> bool:
        """Notes that a request is carried out now; False if it was before."""
        digest, now = hashlib.sha256(identity.encode()).hexdigest(), int(self._clock())
        with self._table.transaction():
            known = self._table.keys(keys.requests_prefix(team))
            expired = [key for key in known if keys.request_time(key) < now - REMEMBERED_SECONDS]
            for key in expired:
                self._table.remove(key)
            if any(key.endswith(digest) for key in known if key not in expired):
                return False
            self._table.put(keys.request_key(team, now, digest), row_format.EMPTY)
        return True
