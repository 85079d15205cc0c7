"""PgBouncer in transaction mode, in front of a server."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from slackbot.playground.postgres_server import HOST, USER

CONFIGURATION = """\
[databases]
{database} = host={host} port={port} user={user}

[pgbouncer]
listen_addr = {host}
listen_port = {listen_port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 3
"""
"""Fewer connections to the server than the bot opens: its transactions share them."""


@contextmanager
def bouncer(address: str) -> Iterator[str]:
    """Gives the address by which a database is reached through PgBouncer.

    The test is skipped where PgBouncer is not installed.
    """
    program = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if program is None:
        pytest.skip("PgBouncer is not installed (Debian: apt-get install pgbouncer).")
    parts = urlsplit(address)
    port = _free_port()
    with tempfile.TemporaryDirectory() as folder:
        configuration = Path(folder) / "pgbouncer.ini"
        configuration.write_text(
            CONFIGURATION.format(
                database=parts.path[1:],
                host=HOST,
                port=parts.port,
                user=USER,
                listen_port=port,
            )
        )
        Path(folder).chmod(0o755)
        account = pwd.getpwnam("nobody").pw_uid if os.geteuid() == 0 else None
        process = subprocess.Popen(  # noqa: S603 - the program that it names
            [program, configuration], stderr=subprocess.DEVNULL, user=account
        )
        try:
            through = f"postgresql://{USER}@{HOST}:{port}{parts.path}"
            _wait(through, process)
            yield through
        finally:
            process.terminate()
            process.wait()


def _wait(address: str, process: "subprocess.Popen[bytes]") -> None:
    while process.poll() is None:
        try:
            psycopg.connect(address, prepare_threshold=None).close()
        except psycopg.OperationalError:
            continue
        return
    raise AssertionError("PgBouncer did not start")


def _free_port() -> int:
    with socket.socket() as listening:
        listening.bind((HOST, 0))
        port: int = listening.getsockname()[1]
        return port
