"""A PostgreSQL server for tests, which uses its databases again: to make one takes much longer."""

from typing import Any

import psycopg

from slackbot.playground.postgres_server import TEMPLATE, PostgresServer
from slackbot.store.postgres.opening import prepare

OTHERS = """
SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""

SCHEMA = """
SELECT 'relation', relname FROM pg_class WHERE relnamespace = 'public'::regnamespace
UNION SELECT 'function', proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace
UNION SELECT 'trigger', tgname FROM pg_trigger
UNION SELECT 'version', version::text FROM schema_versions
"""

EMPTYING = """
SELECT string_agg(format('DELETE FROM %I', tablename), ';') FROM pg_tables
WHERE schemaname = 'public' AND tablename NOT IN ('schema_versions', 'database_identity')
"""


class ReusedDatabases(PostgresServer):
    """Its new databases have the bot's tables, with no rows."""

    def __init__(self) -> None:
        super().__init__()
        self._idle: list[str] = []
        self._lent: list[str] = []
        self._schema: set[tuple[str, ...]] = set()
        self._empty: Any = None

    def start(self) -> None:
        super().start()
        address = self.url(TEMPLATE)
        prepare(address)
        with psycopg.connect(address) as connection:
            self._schema = set(connection.execute(SCHEMA).fetchall())
            ((self._empty,),) = connection.execute(EMPTYING).fetchall()

    def create_database(self, template: str = TEMPLATE) -> str:
        if template != TEMPLATE:
            return super().create_database(template)
        self._lent.append(self._idle.pop() if self._idle else super().create_database())
        return self._lent[-1]

    def take_back(self) -> None:
        """What was lent is not in use any more; connections that are left over are ended."""
        for address in self._lent:
            with psycopg.connect(address, autocommit=True) as connection:
                connection.execute(OTHERS)
                if set(connection.execute(SCHEMA).fetchall()) == self._schema:
                    connection.execute(self._empty)
                    self._idle.append(address)
        self._lent.clear()
