"""Limits that every system has, macOS included."""

import resource
from contextlib import suppress

MEMORY_BYTES = 768 * 2**20
"""Of address space, for one process."""

CPU_SECONDS = 20
"""For one file."""

MAX_OPEN_FILES = 64
MAX_THREADS = 16


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


def limit_threads() -> None:
    """Only in a namespace of users: elsewhere, all processes of the user count."""
    resource.setrlimit(resource.RLIMIT_NPROC, (MAX_THREADS, MAX_THREADS))
