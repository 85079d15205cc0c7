"""What the log holds of lines that repeat."""

import logging
import threading
from collections.abc import Iterator

import pytest

from slackbot.repeated_lines import MAX_EQUAL_LINES, MAX_WATCHED_LINES, RepeatedLines


class Written(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        self.arrived = threading.Event()

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())
        self.arrived.set()


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def written() -> Written:
    return Written()


@pytest.fixture
def log(written: Written, clock: Clock) -> Iterator[logging.Logger]:
    handler = RepeatedLines(written, 60.0, clock)
    logger = logging.getLogger("repeated")
    logger.propagate = False
    logger.setLevel(logging.DEBUG)
    logger.addHandler(handler)
    yield logger
    logger.removeHandler(handler)
    handler.close()


def test_a_flood_is_counted(log: logging.Logger, written: Written, clock: Clock) -> None:
    """The first lines and the last are written, with the number of those between."""
    for number in range(1_000):
        clock.now = number / 100
        log.warning("refused %s", "x")
    assert written.lines == ["refused x"] * MAX_EQUAL_LINES
    clock.now = 60.0
    log.warning("something else")
    assert written.lines[MAX_EQUAL_LINES:] == [
        f"refused x (… {1_000 - MAX_EQUAL_LINES - 1} more in the last minute)",
        "something else",
    ]


def test_every_minute_begins_again(log: logging.Logger, written: Written, clock: Clock) -> None:
    """A line that comes once in a while is never counted."""
    for minute in range(10):
        clock.now = minute * 60.0
        log.warning("again")
    assert written.lines == ["again"] * 10


def test_one_more_needs_no_number(log: logging.Logger, written: Written, clock: Clock) -> None:
    """A line that was counted once is written as it is."""
    for _ in range(MAX_EQUAL_LINES + 1):
        log.warning("100% full")
    clock.now = 61.0
    log.warning("other")
    assert written.lines == ["100% full"] * (MAX_EQUAL_LINES + 1) + ["other"]


def test_lines_that_differ_are_written(log: logging.Logger, written: Written) -> None:
    """Another level, another argument or another kind of error makes another line."""
    for _ in range(MAX_EQUAL_LINES):
        log.warning("%s", "a")
        log.warning("%s", "b")
        log.error("%s", "a")
        try:
            int("x")
        except ValueError:
            log.exception("%s", "a")
    assert len(written.lines) == 4 * MAX_EQUAL_LINES


def test_the_end_loses_nothing(log: logging.Logger, written: Written) -> None:
    """What was counted is written when the program ends."""
    for _ in range(10):
        log.warning("refused")
    log.handlers[0].close()
    assert written.lines[-1] == f"refused (… {10 - MAX_EQUAL_LINES - 1} more in the last minute)"


def test_many_different_lines(log: logging.Logger, written: Written) -> None:
    """However many lines there are, few are kept in memory, and none is lost."""
    for _ in range(10):
        log.warning("refused")
    for number in range(2 * MAX_WATCHED_LINES):
        log.warning("%d", number)
    assert "refused (… 6 more in the last minute)" in written.lines
    assert len(written.lines) == MAX_EQUAL_LINES + 1 + 2 * MAX_WATCHED_LINES


def test_silence_after_a_flood(written: Written, clock: Clock) -> None:
    """The last line is written after the interval although nothing else is logged."""
    handler = RepeatedLines(written, 0.01, clock)
    line = logging.LogRecord("a", logging.WARNING, "", 0, "refused", None, None)
    for _ in range(10):
        handler.handle(line)
    written.arrived.clear()
    clock.now = 1.0
    assert written.arrived.wait(timeout=30.0)
    handler.close()
    assert written.lines[-1] == f"refused (… {10 - MAX_EQUAL_LINES - 1} more in the last minute)"


def test_a_line_that_can_not_be_formatted(
    log: logging.Logger, written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wrong argument stops neither the program nor the lines after it."""
    monkeypatch.setattr(logging, "raiseExceptions", False)
    log.warning("%d", "no number")
    log.warning("after it")
    assert written.lines == ["after it"]
