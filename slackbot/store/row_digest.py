"""Whether two databases hold the same rows: the number and a hash of each kind."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from hashlib import sha256

from slackbot.store import keys
from slackbot.store.row_format import escape_half_pairs

Row = tuple[str, bytes]
"""A key and its value."""

_MODULUS = 2**256


def as_json(value: bytes) -> bytes:
    """A value in the form in which every kind of database keeps it: as it is, if it is JSON.

    Half a surrogate pair becomes an escape, as UTF-8 has no room for it. Anything else becomes a
    JSON text that shows it: no row of ours is one, so it still can't be read, and people are told.
    """
    try:
        text = value.decode("utf-8", "surrogatepass")
        json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return json.dumps(value.decode(errors="backslashreplace")).encode()
    return escape_half_pairs(text).encode()


class RowDigest:
    """Counts rows and adds up their hashes, in whatever order they come."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self._sums: Counter[str] = Counter()

    def add(self, rows: Iterable[Row]) -> None:
        for key, value in rows:
            kind = key.partition("/")[0]
            content = b"\0".join((_without_time(key).encode(), value))
            self.counts[kind] += 1
            self._sums[kind] = (self._sums[kind] + _number(content)) % _MODULUS

    @property
    def summary(self) -> str:
        """A hash of all of it."""
        return sha256(json.dumps(sorted(self._sums.items())).encode()).hexdigest()

    def differences(self, other: "RowDigest") -> Sequence[str]:
        """The kinds of rows that differ."""
        kinds = sorted({*self.counts, *other.counts})
        return [
            kind
            for kind in kinds
            if (self.counts[kind], self._sums[kind]) != (other.counts[kind], other._sums[kind])  # noqa: SLF001 - its own kind
        ]


def _without_time(key: str) -> str:
    """A row that was set aside has a time in its key, which says nothing about the row."""
    return key.split("/", 2)[-1] if key.startswith(keys.CORRUPT) else key


def _number(content: bytes) -> int:
    return int.from_bytes(sha256(content).digest())


def _refuse(constant: str) -> None:
    """Raises ValueError for NaN and Infinity, which Python reads and JSON does not have."""
    raise ValueError(constant)
