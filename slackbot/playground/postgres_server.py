"""A PostgreSQL server of its own, with a new folder for its data, for tests and the playground.

The programs come from the system: Debian's package `postgresql`, for example.
"""

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

HOST = "127.0.0.1"
USER = "slackbot"

DEBIAN_FOLDERS = "/usr/lib/postgresql"
"""Debian keeps the programs of each version in `<version>/bin` there, and out of PATH."""

PORTS = range(20_000, 32_000)
"""Systems give away higher ones, for outgoing connections too: such a port could be taken by chance
before the server has it, or while it is stopped.
"""

TEMPLATE, EMPTY_TEMPLATE = "template1", "template0"
"""The server has both from the start. What is created in the first is in each new database;
the second stays empty. https://www.postgresql.org/docs/15/manage-ag-templatedbs.html
"""

START_TIMEOUT_SECONDS = 30.0

END_WITH_PARENT = 'cat; kill -QUIT "$1"; sleep 1; rm -rf "$2"'
"""The server does not notice when the process that started it is killed; `cat` ends then."""

Shutdown = Literal["smart", "fast", "immediate"]
"""As `pg_ctl stop --mode` names them; https://www.postgresql.org/docs/15/server-shutdown.html"""

SIGNALS: Mapping[Shutdown, signal.Signals] = {
    "smart": signal.SIGTERM,
    "fast": signal.SIGINT,
    "immediate": signal.SIGQUIT,
}


class MissingPostgresError(Exception):
    """The machine has no PostgreSQL server. The text says so, and what to install."""


def programs() -> Path:
    """The folder with `initdb` and `postgres`. Raises MissingPostgresError."""
    found = shutil.which("postgres")
    if found is not None:
        return Path(found).resolve().parent
    versions = [path.parent for path in Path(DEBIAN_FOLDERS).glob("*/bin/postgres")]
    if not versions:
        raise MissingPostgresError(
            "PostgreSQL's programs are not installed (Debian: apt-get install postgresql)."
        )
    return max(versions, key=lambda path: int(path.parent.name))


class PostgresServer:
    """Runs inside a `with` block, on a free port of 127.0.0.1; nobody needs a password. Blocks."""

    def __init__(self, *settings: str, durable: bool = False) -> None:
        """`settings` are options of postgresql.conf, such as "max_connections=20".

        Unless `durable`, nothing waits for the disk: a power loss may destroy the data.
        """
        hasty = () if durable else ("fsync=off", "full_page_writes=off")
        self._settings = ("timezone=UTC", *hasty, *settings)
        self._programs = programs()
        self._numbers = count(1)
        self._process: subprocess.Popen[bytes] | None = None
        self._guard: subprocess.Popen[bytes] | None = None
        self._folder = Path()
        self.port = 0

    @property
    def pid(self) -> int:
        """Of the server's main process, which has a child for each connection."""
        assert self._process is not None  # noqa: S101 - it runs
        return self._process.pid

    @property
    def log(self) -> str:
        """What the server has written to its log."""
        return (self._folder / "log").read_text(errors="replace")

    def url(self, database: str) -> str:
        return f"postgresql://{USER}@{HOST}:{self.port}/{database}"

    def create_database(self, template: str = TEMPLATE) -> str:
        """Creates a database as a copy of `template`, and returns its address."""
        name = f"slackbot{next(self._numbers)}"
        where = ("-h", HOST, "-p", str(self.port), "-U", USER)
        self._run("createdb", *where, "-T", template, name)
        return self.url(name)

    def __enter__(self) -> Self:
        self._folder = Path(tempfile.mkdtemp(prefix="slackbot-postgres-"))
        try:
            if unprivileged := account():
                shutil.chown(self._folder, unprivileged["user"])
            data = str(self._folder / "data")
            self._run("initdb", "-D", data, "-U", USER, "-A", "trust", "-E", "UTF8", "-N")
            self.start()
        except BaseException:
            self._remove()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._remove()

    def start(self) -> None:
        """Starts the server, on the port that it had before if it had one.

        Raises RuntimeError with the server's log if it does not start.
        """
        self.port = self.port or _free_port()
        where = (f"port={self.port}", f"unix_socket_directories={self._folder}")
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - the program that it names
                [
                    self._programs / "postgres",
                    *("-D", self._folder / "data"),
                    *(part for setting in (*where, *self._settings) for part in ("-c", setting)),
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self._folder,
                start_new_session=True,  # Ctrl-C is for the one who started it
                **account(),
            )
        self._guard = subprocess.Popen(  # noqa: S603 - no input of others
            ["/bin/sh", "-c", END_WITH_PARENT, "sh", str(self.pid), self._folder],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
        self._wait_until_ready(self._process)

    def stop(self, how: Shutdown = "fast") -> None:
        """Stops the server, and returns when it has ended. Does nothing if it does not run."""
        if self._process is not None and self._guard is not None:
            self._guard.kill()
            self._guard.communicate()
            self._process.send_signal(SIGNALS[how])
            self._process.wait()
            self._process = None

    def _wait_until_ready(self, process: subprocess.Popen[bytes]) -> None:
        end = time.monotonic() + START_TIMEOUT_SECONDS
        ask = [str(self._programs / "pg_isready"), "-q", "-h", HOST, "-p", str(self.port)]
        while subprocess.run(ask, check=False).returncode:  # noqa: S603 - as above
            if process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(self.log)
            time.sleep(0.02)

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(  # noqa: S603 - the program that it names
            [self._programs / program, *arguments],
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=self._folder,
            **account(),
        )
        if done.returncode:
            raise RuntimeError(done.stdout.decode(errors="replace"))

    def _remove(self) -> None:
        self.stop("immediate")
        shutil.rmtree(self._folder, ignore_errors=True)


def account() -> dict[str, Any]:
    """The server refuses to run as root: it gets an account without rights then."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _free_port() -> int:
    while True:
        port = secrets.choice(PORTS)
        with suppress(OSError), socket.socket() as listening:
            listening.bind((HOST, port))
            return port
