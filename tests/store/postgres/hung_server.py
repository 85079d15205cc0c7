"""A server that neither answers nor closes its connections."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from slackbot.playground.postgres_server import PostgresServer


def processes(server: PostgresServer) -> list[int]:
    """The server's main process and its children."""
    children = Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split()
    return [server.pid, *map(int, children)]


@contextmanager
def hung(server: PostgresServer) -> Iterator[None]:
    """The server does nothing during the block; its connections stay open."""
    stopped = processes(server)
    try:
        for pid in stopped:
            os.kill(pid, signal.SIGSTOP)
        yield
    finally:
        for pid in reversed(stopped):
            os.kill(pid, signal.SIGCONT)
