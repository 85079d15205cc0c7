"""PgBouncer in transaction mode in front of a PostgreSQL server, for tests."""

import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from slackbot.playground.postgres_server import HOST, USER, PostgresServer, account

START_SECONDS = 10.0

SETTINGS = """
[databases]
* = host={host} port={server_port}
[pgbouncer]
listen_addr = {host}
listen_port = {port}
unix_socket_dir =
auth_type = trust
auth_file = {folder}/users.txt
pool_mode = transaction
default_pool_size = 3
"""
"""Fewer connections to the server than the bot opens: its transactions share them."""


@contextmanager
def pgbouncer(server: PostgresServer) -> Iterator[int]:
    """The port of a PgBouncer that leads to all databases of a server.

    Skips the test where the machine has none (Debian: apt-get install pgbouncer).
    """
    program = shutil.which("pgbouncer", path="/usr/sbin:/usr/bin:/usr/local/bin")
    if program is None:
        pytest.skip("PgBouncer is not installed (Debian: apt-get install pgbouncer).")
    with tempfile.TemporaryDirectory(prefix="pgbouncer-") as name, socket.socket() as unused:
        folder = Path(name)
        folder.chmod(0o755)
        unused.bind((HOST, 0))
        port: int = unused.getsockname()[1]
        unused.close()
        (folder / "users.txt").write_text(f'"{USER}" ""\n')
        settings = SETTINGS.format(host=HOST, port=port, server_port=server.port, folder=folder)
        (folder / "pgbouncer.ini").write_text(settings)
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(  # noqa: S603 - Debian's program
                [program, folder / "pgbouncer.ini"], stdout=log, stderr=log, **account()
            )
        try:
            _wait_for(port, folder / "log")
            yield port
        finally:
            process.kill()
            process.wait()


def _wait_for(port: int, log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while True:
        with closing(socket.socket()) as trial:
            if trial.connect_ex((HOST, port)) == 0:
                return
        if time.monotonic() > end:
            raise RuntimeError(log.read_text())
        time.sleep(0.02)
