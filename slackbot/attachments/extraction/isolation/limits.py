"""Limits that every system has, macOS included."""

import os
import resource
from contextlib import suppress

MEMORY_BYTES = 768 * 2**20
"""Of address space, for one process."""

CPU_SECONDS = 20
"""For one file."""

MAX_OPEN_FILES = 64
MAX_THREADS = 16

MIN_OTHER_THREADS = 1_000

NICENESS = 5
"""A reader gets a third of the CPU time that the bot gets, if both want all of it."""

FIRST_TO_END = b"1000"
"""Where the machine runs out of memory, the kernel ends a reader, and not the bot.
https://man7.org/linux/man-pages/man5/proc_pid_oom_score_adj.5.html
"""


def limit_resources(memory_bytes: int, cpu_seconds: int) -> None:
    """From now on the process can't take more memory or CPU time, nor make a file longer."""
    for limit, most in (
        (resource.RLIMIT_AS, memory_bytes),  # macOS knows it and refuses to set it
        (resource.RLIMIT_CPU, cpu_seconds),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, MAX_OPEN_FILES),
    ):
        with suppress(ValueError):  # it is lower than that already
            resource.setrlimit(limit, (most, most))


def let_others_go_first() -> None:
    """Takes less of the CPU than the bot, and ends before it where memory runs out."""
    os.nice(NICENESS)
    with suppress(OSError), open("/proc/self/oom_score_adj", "wb", buffering=0) as score:  # noqa: PTH123 - pathlib takes 5 ms to import
        score.write(FIRST_TO_END)


def limit_threads(*, has_own_users: bool) -> None:
    """Outside a namespace of users, all threads of the user count, which are at most those of the
    machine. Some containers hide how many there are.
    """
    others = 0 if has_own_users else max(_count_threads(), MIN_OTHER_THREADS)
    _, most = resource.getrlimit(resource.RLIMIT_NPROC)
    wanted = others + MAX_THREADS
    limit = wanted if most == resource.RLIM_INFINITY else min(wanted, most)
    resource.setrlimit(resource.RLIMIT_NPROC, (limit, limit))


def _count_threads() -> int:
    """https://man7.org/linux/man-pages/man5/proc_loadavg.5.html"""
    with open("/proc/loadavg") as figures:  # noqa: PTH123 - as above
        return int(figures.read().split()[3].partition("/")[2])
