"""Counts log lines that repeat, so that a flood of errors can't fill the disk.

An attacker can cause the same line thousands of times a second. The first few are written, the
others are counted, and the last is written once a minute with their number. Lines that differ are
all written: what somebody can cause without a signature must not vary.
"""

import copy
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

INTERVAL_SECONDS = 60.0

MAX_EQUAL_LINES = 3
"""How many equal lines are written in INTERVAL_SECONDS, in addition to the last."""

MAX_WATCHED_LINES = 1_000
"""How many different lines are watched at once; the oldest is let go."""

NOTE = "{message} (… {count} more in the last minute)"


@dataclass(slots=True)
class _Line:
    """A line since it was first written."""

    started_at: float
    written: int = 0
    counted: int = 0
    last: logging.LogRecord | None = None


class RepeatedLines(logging.Handler):
    """Passes lines on to another handler, and counts those that repeat.

    Lines are equal if their logger, level, message and kind of exception are.
    """

    def __init__(
        self,
        target: logging.Handler,
        interval_seconds: float = INTERVAL_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__()
        self._target = target
        self._interval_seconds = interval_seconds
        self._clock = clock
        self._lines: dict[tuple[object, ...], _Line] = {}
        """In the order in which they were first written."""
        self._timer: threading.Timer | None = None

    def emit(self, record: logging.LogRecord) -> None:
        try:
            key = _key(record)
        except Exception:  # noqa: BLE001 - a line that can't be formatted stops no program
            self.handleError(record)
            return
        now = self._clock()
        self._write_ended(now)
        if key not in self._lines and len(self._lines) == MAX_WATCHED_LINES:
            self._write_last(next(iter(self._lines)))
        line = self._lines.setdefault(key, _Line(now))
        if line.written < MAX_EQUAL_LINES:
            line.written += 1
            self._target.handle(record)
        else:
            line.counted += 1
            line.last = record
            self._start_timer()

    def flush(self) -> None:
        """Writes the last of all lines that were counted so far."""
        self.acquire()
        try:
            for key in list(self._lines):
                self._write_last(key)
            self._target.flush()
        finally:
            self.release()

    def close(self) -> None:
        self.flush()
        if self._timer is not None:
            self._timer.cancel()
        super().close()

    def _write_ended(self, now: float) -> None:
        """Writes the last of the lines that were first written an interval ago."""
        while self._lines:
            key = next(iter(self._lines))
            if now - self._lines[key].started_at < self._interval_seconds:
                return
            self._write_last(key)

    def _write_last(self, key: tuple[object, ...]) -> None:
        """Forgets a line; if it was counted, it is written once more."""
        line = self._lines.pop(key)
        if line.last is None:
            return
        last = copy.copy(line.last)
        if line.counted > 1:
            last.msg = NOTE.format(message=last.getMessage(), count=line.counted - 1)
            last.args = None
        self._target.handle(last)

    def _start_timer(self) -> None:
        """Makes sure that counted lines are written although nothing else is logged."""
        if self._timer is None:
            self._timer = threading.Timer(self._interval_seconds, self._on_timer)
            self._timer.daemon = True
            self._timer.start()

    def _on_timer(self) -> None:
        self.acquire()
        try:
            self._timer = None
            self._write_ended(self._clock())
            if any(line.counted for line in self._lines.values()):
                self._start_timer()
        finally:
            self.release()


def _key(record: logging.LogRecord) -> tuple[object, ...]:
    raised = record.exc_info[0] if record.exc_info else None
    return (record.name, record.levelno, record.getMessage(), raised)
