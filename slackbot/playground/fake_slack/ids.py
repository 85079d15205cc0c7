"""Generates a workspace's ids and timestamps."""

import secrets
import time


class IdGenerator:
    """Ids that look like Slack's, and strictly increasing timestamps. One for each workspace.

    Ids count up, so that a test fails the same way twice. What must differ between workspaces
    (team, tokens, secrets) is random.
    """

    def __init__(self) -> None:
        self.number = 0
        """The last number that was used."""
        self._microseconds = 0

    def id(self, prefix: str) -> str:
        """Returns an id such as U0A00000012; U is for a person, C for a channel."""
        self.number += 1
        return f"{prefix}0A{self.number:08d}"

    def secret(self, prefix: str = "", size: int = 12) -> str:
        return f"{prefix}{secrets.token_hex(size)}"

    def ts(self) -> str:
        """Returns the time in seconds with six decimals, as Slack does; never the same twice."""
        self._microseconds = max(time.time_ns() // 1000, self._microseconds + 1)
        return f"{self._microseconds // 1_000_000}.{self._microseconds % 1_000_000:06d}"
