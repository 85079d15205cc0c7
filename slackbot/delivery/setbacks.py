"""How long Slack has failed to make the calls of one reply, and what the reply does about it.

Pure: times are seconds on any clock that only goes forward.
"""

from slackbot.backoff import pause
from slackbot.errors import RateLimitedError, UnknownRefusalError, UnreachableError

FAILURES_BEFORE_CHANGE = 3
"""After so many failures in a row something else is tried, if nobody knows the reason."""

SILENT_SECONDS = 20.0
"""The asker waits no longer than this without being told."""

HOPELESS_SECONDS = 600.0
"""A refusal that nobody knows to pass counts as final after this time."""

Failure = RateLimitedError | UnreachableError


class Setbacks:
    """The failures since the last call that succeeded."""

    def __init__(self) -> None:
        self.last: Failure | None = None
        """The latest failure; None after a call that succeeded."""
        self._count = 0
        self._since = 0.0
        self._unknown_count = 0
        self._unknown_since = 0.0

    def note(self, failure: Failure, now: float) -> float:
        """Notes a failure. Returns the seconds to wait before the next attempt, unless it was a
        limit, which says that itself.
        """
        self._since = now if self._count == 0 else self._since
        self._count += 1
        self.last = failure
        if isinstance(failure, UnknownRefusalError):
            self._unknown_since = now if self._unknown_count == 0 else self._unknown_since
            self._unknown_count += 1
        elif isinstance(failure, UnreachableError):  # refusals may be part of its outage
            self._unknown_count = 0
        return pause(self._count)

    def clear(self) -> None:
        """Notes that a call has succeeded."""
        self.last = None
        self._count = self._unknown_count = 0

    def silent_at(self, now: float) -> float:
        """Returns when the asker should be told, if calls fail until then, or take until then."""
        return (self._since if self._count else now) + SILENT_SECONDS

    @property
    def call_for_change(self) -> bool:
        """Whether something else should be tried before the next attempt."""
        return self._unknown_count > 0 and self._unknown_count % FAILURES_BEFORE_CHANGE == 0

    def are_hopeless(self, now: float) -> bool:
        """Returns whether a refusal for an unknown reason has lasted so long that it is final."""
        return self._unknown_count > 0 and now - self._unknown_since >= HOPELESS_SECONDS
