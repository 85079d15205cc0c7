"""Where a workspace's ids and timestamps come from."""

import secrets
import time


class IdGenerator:
    """Ids that look like Slack's, and timestamps that only grow. One for each workspace.

    Ids count up, so that a test fails the same way twice; what must differ from workspace to
    workspace (team, tokens, secrets) is random.
    """

    def __init__(self) -> None:
        self.number = 0
        """The last one that was given."""
        self._microseconds = 0

    def id(self, prefix: str) -> str:
        """Such as U0A00000012 for a person, C… for a channel, D… for a direct message."""
        self.number += 1
        return f"{prefix}0A{self.number:08d}"

    def secret(self, prefix: str = "", size: int = 12) -> str:
        return f"{prefix}{secrets.token_hex(size)}"

    def ts(self) -> str:
        """The present as Slack writes it, seconds with six digits; never the same twice."""
        self._microseconds = max(time.time_ns() // 1000, self._microseconds + 1)
        return f"{self._microseconds // 1_000_000}.{self._microseconds % 1_000_000:06d}"
