"""The watchdog of an event loop."""

import asyncio
import time
from pathlib import Path

from benchmarks.loop_watchdog import LIMIT_SECONDS, LoopWatchdog, Stall, describe, read_stalls


async def test_a_blocking_call_is_found_with_its_place(tmp_path: Path) -> None:
    """What blocks the loop is reported with its length and the function that blocks."""
    file = tmp_path / "stalls"
    with LoopWatchdog(asyncio.get_running_loop(), file):
        _block(0.3)
    longest = max(read_stalls(file), key=lambda each: each.seconds)
    assert longest.seconds > 0.2
    assert any("test_loop_watchdog.py" in line and "_block" in line for line in longest.stack)


async def test_work_of_the_loop_counts_as_blocking(tmp_path: Path) -> None:
    """A long computation in the loop is blamed on the bot, however busy the machine is."""
    file = tmp_path / "stalls"
    with LoopWatchdog(asyncio.get_running_loop(), file):
        _compute(0.2)
    longest = max(read_stalls(file), key=lambda each: each.seconds)
    assert longest.blocked_seconds >= longest.worked_seconds > LIMIT_SECONDS


def test_several_processes_may_write_one_file(tmp_path: Path) -> None:
    """A line that a killed process left unfinished is passed over."""
    file = tmp_path / "stalls"
    file.write_text(
        '{"seconds": 0.5, "blocked_seconds": 0.1, "worked_seconds": 0.1, "uptime": 1.0,'
        ' "stack": ["a.py:1 f"]}\n{"secon'
    )
    assert read_stalls(file) == [Stall(0.5, 0.1, 0.1, 1.0, ("a.py:1 f",))]


def test_the_summary_names_the_longest() -> None:
    """People read the longest time that is the bot's own, and what it did then."""
    stalls = [Stall(0.9, 0.03, 0.02, 1.0), Stall(0.2, 0.12, 0.1, 2.0, ("a.py:1 f", "b.py:2 g"))]
    assert describe(stalls) == (
        "the bot blocked its loop for at most 120 ms (100 ms of CPU); blocks of over 50 ms: 1 "
        "(with other programs it stood still for 900 ms)\n    a.py:1 f\n    b.py:2 g"
    )


def test_no_stall_is_a_sentence_too() -> None:
    """Without a stall the summary says so."""
    assert describe([]) == "the loop never stood still for 20 ms"


def _block(seconds: float) -> None:
    time.sleep(seconds)


def _compute(seconds: float) -> None:
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        pass
