"""Generates the ids and timestamps of one server's workspaces."""

import secrets
import time


class IdGenerator:
    """Ids that look like Slack's, and strictly increasing timestamps. One for each server.

    Ids count up, so that a test fails the same way twice, and no two workspaces of a server have
    the same one. What must differ between servers (team, tokens, secrets) is random.
    """

    def __init__(self) -> None:
        self.number = 0
        """The last number that was used."""
        self._teams = 0
        self._microseconds = 0

    def id(self, prefix: str) -> str:
        """Returns an id such as U0A00000012; U is for a person, C for a channel."""
        self.number += 1
        return f"{prefix}0A{self.number:08d}"

    def team(self, prefix: str = "T") -> str:
        """Returns the id of a workspace, or with "E" of an organisation; never the same twice."""
        self._teams += 1
        return f"{prefix}{secrets.token_hex(3).upper()}{self._teams:04X}"

    def secret(self, prefix: str = "", size: int = 12) -> str:
        return f"{prefix}{secrets.token_hex(size)}"

    def client_id(self) -> str:
        """Returns two numbers with a dot in between."""
        return f"{secrets.randbelow(10**12):012d}.{secrets.randbelow(10**12):012d}"

    def ts(self) -> str:
        """Returns the time in seconds with six decimals, as Slack does; never the same twice."""
        self._microseconds = max(time.time_ns() // 1000, self._microseconds + 1)
        return f"{self._microseconds // 1_000_000}.{self._microseconds % 1_000_000:06d}"
