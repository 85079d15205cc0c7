"""A second PostgreSQL server that follows the first one, and can take its place."""

from typing import Self

import psycopg

from slackbot.playground.postgres_server import HOST, USER, PostgresServer


class Standby(PostgresServer):
    """Runs inside a `with` block. What the first server commits is on both."""

    def __init__(self, primary: PostgresServer) -> None:
        super().__init__()
        self._primary = primary

    def __enter__(self) -> Self:
        primary = self._primary
        self._folder = primary._folder / "standby"  # noqa: SLF001 - of its own class
        where = ("-h", HOST, "-p", str(primary.port), "-U", USER)
        copying = ("pg_basebackup", "-D", self._data, *where, "-R", "-c", "fast")
        primary._run(*copying)  # noqa: SLF001
        try:
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
