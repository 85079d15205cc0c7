"""Measures for how long an event loop does not turn, and says what it does meanwhile.

    with LoopWatchdog(asyncio.get_running_loop(), path):
        ...
    print(describe(read_stalls(path)))

A thread asks the loop for a sign of life every few milliseconds, and looks at the loop's stack when
none comes. Each stall is written to the file at once, so a killed process leaves its own behind.

Other programs on the machine make a loop stand still too. A stall therefore has two lengths: how
long the loop did not turn, and for how much of that the bot itself is to blame. A thread that waits
for a CPU is not: Linux counts that time for each thread.
"""

import asyncio
import json
import os
import sys
import threading
import time
import traceback
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from types import FrameType, TracebackType
from typing import Self

PING_EVERY_SECONDS = 0.01
"""How long after a sign of life the loop is asked for the next one."""

LOOK_AFTER_SECONDS = 0.025
"""The stack is read if the sign of life takes longer."""

MIN_STALL_SECONDS = 0.02
"""Shorter stalls are not written down."""

LIMIT_SECONDS = 0.05
"""The bot must never block the loop for longer."""

FRAMES = 12
"""How many frames of a stack are kept, innermost last."""


@dataclass(frozen=True, slots=True)
class Stall:
    """Once when the loop did not turn."""

    seconds: float
    blocked_seconds: float
    """Without the time for which the bot's threads waited for a CPU."""
    worked_seconds: float
    """For how much of that the loop's own thread had a CPU: for the rest it waited, as for a disk
    or for another thread that held Python's lock."""
    uptime: float
    """Seconds from the start of the watchdog."""
    stack: tuple[str, ...] = ()
    """What the loop did when it was looked at, innermost last; empty for a short stall."""


class LoopWatchdog:
    """Watches a loop while the block runs; the block must run in that loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop, path: Path) -> None:
        self._loop = loop
        self._path = path
        self._loop_thread = threading.get_ident()
        self._loop_cpu_clock = time.pthread_getcpuclockid(self._loop_thread)
        self._began = time.monotonic()
        self._turned_at = 0.0
        self._alive = threading.Event()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="loop watchdog", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stop.set()
        self._sign_of_life()
        self._thread.join()

    def _watch(self) -> None:
        with _CpuWaits() as waits:
            self._watch_with(waits)

    def _watch_with(self, waits: "_CpuWaits") -> None:
        while not self._stop.wait(PING_EVERY_SECONDS):
            self._alive.clear()
            asked_at, worked, waited = time.monotonic(), self._cpu_seconds(), waits.seconds()
            stack: tuple[str, ...] = ()
            try:
                self._loop.call_soon_threadsafe(self._sign_of_life)
            except RuntimeError:  # the loop is closed
                return
            while not self._alive.wait(LOOK_AFTER_SECONDS):
                if self._stop.is_set():
                    return
                stack = self._stack() or stack
            seconds = self._turned_at - asked_at
            if seconds >= MIN_STALL_SECONDS:
                worked = min(self._cpu_seconds() - worked, seconds)
                blocked = max(worked, seconds - (waits.seconds() - waited))
                stall = Stall(seconds, blocked, worked, asked_at - self._began, stack)
                with self._path.open("a") as file:
                    file.write(json.dumps(asdict(stall)) + "\n")

    def _sign_of_life(self) -> None:
        """Runs in the loop."""
        self._turned_at = time.monotonic()
        self._alive.set()

    def _cpu_seconds(self) -> float:
        """For how long the loop's thread has worked."""
        return time.clock_gettime(self._loop_cpu_clock)

    def _stack(self) -> tuple[str, ...]:
        frame = sys._current_frames().get(self._loop_thread)  # noqa: SLF001 - made for debuggers
        return () if frame is None else _described(frame)


class _CpuWaits:
    """For how long the threads of this process were ready and got no CPU.

    0 where the system does not count it, as in macOS: then nothing is excused.
    """

    def __init__(self) -> None:
        self._files: dict[str, int] = {}
        self._ended_seconds = 0.0
        """The sum of threads that have ended."""
        self._last: dict[str, float] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for file in self._files.values():
            os.close(file)

    def seconds(self) -> float:
        """Returns the sum of all threads; it never goes down."""
        for thread in {*_threads()} - {*self._files}:
            with suppress(OSError):  # it has just ended
                self._files[thread] = os.open(f"/proc/self/task/{thread}/schedstat", os.O_RDONLY)
        for thread, file in [*self._files.items()]:
            try:
                self._last[thread] = int(os.pread(file, 100, 0).split()[1]) / 1e9
            except OSError:
                os.close(self._files.pop(thread))
                self._ended_seconds += self._last.pop(thread, 0.0)
        return self._ended_seconds + sum(self._last.values())


def _threads() -> Sequence[str]:
    return [each.name for each in Path("/proc/self/task").glob("*")]


def _described(frame: FrameType) -> tuple[str, ...]:
    walked = traceback.walk_stack(frame)
    frames = traceback.StackSummary.extract(walked, limit=FRAMES, lookup_lines=False)
    return tuple(f"{_short(each.filename)}:{each.lineno} {each.name}" for each in reversed(frames))


def _short(filename: str) -> str:
    """The last parts of a path, enough to find the file."""
    return "/".join(Path(filename).parts[-3:])


def read_stalls(path: Path) -> Sequence[Stall]:
    """All stalls in a file, which may have come from several processes."""
    if not path.exists():
        return ()
    stalls = []
    for line in path.read_text().splitlines():
        try:
            fields = json.loads(line)
        except ValueError:  # the process was killed while it wrote
            continue
        stalls.append(Stall(**{**fields, "stack": tuple(fields["stack"])}))
    return stalls


def describe(stalls: Iterable[Stall]) -> str:
    """The longest stall, how many were too long, and what the loop did in the longest."""
    found = sorted(stalls, key=lambda each: each.blocked_seconds, reverse=True)
    if not found:
        return f"the loop never stood still for {MIN_STALL_SECONDS * 1000:.0f} ms"
    longest, long = found[0], sum(each.blocked_seconds > LIMIT_SECONDS for each in found)
    standstill = max(each.seconds for each in found)
    summary = (
        f"the bot blocked its loop for at most {longest.blocked_seconds * 1000:.0f} ms "
        f"({longest.worked_seconds * 1000:.0f} ms of CPU); "
        f"blocks of over {LIMIT_SECONDS * 1000:.0f} ms: {long} "
        f"(with other programs it stood still for {standstill * 1000:.0f} ms)"
    )
    if longest.blocked_seconds <= LIMIT_SECONDS:
        return summary
    return "\n".join([summary, *(f"    {line}" for line in longest.stack)])
