"""A second PostgreSQL server that follows the first one, and can take its place."""

import shutil
import tempfile
from pathlib import Path
from typing import Self

import psycopg

from slackbot.playground.postgres_server import HOST, USER, PostgresServer, account


class Standby(PostgresServer):
    """Runs inside a `with` block. What the first server commits is on both."""

    def __init__(self, primary: PostgresServer) -> None:
        super().__init__()
        self._primary = primary

    def __enter__(self) -> Self:
        self._folder = Path(tempfile.mkdtemp(prefix="slackbot-postgres-"))
        try:
            if unprivileged := account():
                shutil.chown(self._folder, unprivileged["user"])
            where = ("-h", HOST, "-p", str(self._primary.port), "-U", USER)
            self._run("pg_basebackup", "-D", self._data, *where, "-R", "-c", "fast")
            self.start()
            with psycopg.connect(self._primary.url("postgres"), autocommit=True) as connection:
                connection.execute("ALTER SYSTEM SET synchronous_standby_names = '*'")
                connection.execute("SELECT pg_reload_conf()")
        except BaseException:
            self._remove()
            raise
        return self

    def promote(self) -> None:
        """Takes writes from now on. The first server has ended."""
        self._run("pg_ctl", "promote", "-D", self._data)
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute("ALTER SYSTEM SET synchronous_standby_names = ''")
            connection.execute("SELECT pg_reload_conf()")

    @property
    def _data(self) -> str:
        return str(self._folder / "data")
