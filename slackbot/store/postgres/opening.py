"""Connects to a database for the first time: says what is wrong with its address, and migrates."""

import re
import time
from collections.abc import Callable, Mapping

import psycopg
from psycopg import errors
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from slackbot.errors import ConfigError, StoreError
from slackbot.store.postgres.connection import DEFAULTS, OPTIONS, TimedConnection
from slackbot.store.postgres.migrations import MIGRATION_SECONDS, migrate
from slackbot.store.postgres.restored import mark_if_restored
from slackbot.store.postgres.table import PostgresTable
from slackbot.store.transfer_mark import check_whole

OLDEST_SERVER = 130_000
"""PostgreSQL 13, as libpq writes it. Older ones get no security fixes any more."""

ENCODINGS = ("UTF8", "SQL_ASCII")
"""Those of a database that keep any text. The second takes bytes as they come."""

VARIABLE = "DATABASE_URL"

PROBLEMS: Mapping[str, str] = {
    r"password authentication failed|no password supplied": (
        "has a user or a password that the PostgreSQL server does not accept."
    ),
    r'role ".*" does not exist': "names a user that the PostgreSQL server does not know.",
    r'database ".*" does not exist|no such database': (
        "names a database that the PostgreSQL server does not have: create it with `createdb`."
    ),
    r"could not translate host name|failed to resolve host": (
        "names a host that can't be found: see to its name, and to this machine's DNS."
    ),
    r"no pg_hba\.conf entry|no encryption|SSL": (
        "leads to a PostgreSQL server that refuses this kind of connection: see to `sslmode` and "
        "to the server's pg_hba.conf."
    ),
}
"""What is wrong with an address, by what libpq or the server says."""

UNREACHABLE = (
    "The PostgreSQL server of DATABASE_URL can't be reached, or lets nobody in: see to its host "
    "and port, and whether it runs."
)


def prepare(
    address: str,
    *,
    whole: bool = True,
    on_connect: Callable[[TimedConnection], object] = lambda _: None,
) -> str:
    """Returns the connection string of a database that is ready for use. Unless it need not be
    `whole`, a database that is only partly filled is refused, and a restored one is noticed.
    `on_connect` is called with the connection, whose deadline ends this early.

    Raises ConfigError and StoreError, which say what to do; neither holds a part of the address.
    """
    conninfo = _complete(address)
    try:
        with TimedConnection.connect(conninfo, **OPTIONS) as connection:
            connection.deadline = time.monotonic() + MIGRATION_SECONDS
            on_connect(connection)
            _check_server(connection.info)
            migrate(connection)
            if whole:
                check_whole(PostgresTable(connection))
                mark_if_restored(connection)
    except errors.InsufficientPrivilege as error:
        raise ConfigError(
            VARIABLE,
            "names a user who can't create tables in the database: make it the database's owner.",
        ) from error
    except errors.DuplicateTable as error:
        raise ConfigError(
            VARIABLE,
            "names a database that something else uses: create one for the bot alone.",
        ) from error
    except psycopg.OperationalError as error:
        raise _opening_error(str(error)) from error
    except psycopg.Error as error:
        raise StoreError(
            "The PostgreSQL database can't be used: the log has the reason."
        ) from error
    return conninfo


def shown(address: str) -> str:
    """An address that libpq can read, without user, password and options."""
    given = conninfo_to_dict(address)
    return f"postgresql://{given.get('host') or ''}/{given.get('dbname') or ''}"


def _complete(address: str) -> str:
    try:
        given = conninfo_to_dict(address)
        return make_conninfo(address, **{name: DEFAULTS[name] for name in DEFAULTS.keys() - given})
    except (psycopg.Error, UnicodeEncodeError):  # bytes of the environment that are no text
        raise ConfigError(
            VARIABLE,
            "is not an address of PostgreSQL: use, for example, "
            "postgresql://user:password@host/database, and write special characters of the "
            "password as %-escapes.",
        ) from None  # libpq repeats a part of the address


def _check_server(server: psycopg.ConnectionInfo) -> None:
    version, encoding = server.server_version, server.parameter_status("server_encoding")
    if version < OLDEST_SERVER:
        raise ConfigError(
            VARIABLE, f"leads to PostgreSQL {version // 10_000}: use version 13 or newer."
        )
    if encoding not in ENCODINGS:
        raise ConfigError(
            VARIABLE,
            f"names a database with the encoding {encoding}, which has no room for what people "
            "write: create one with `createdb --encoding=UTF8 --template=template0`.",
        )


def _opening_error(message: str) -> ConfigError | StoreError:
    for pattern, problem in PROBLEMS.items():
        if re.search(pattern, message):
            return ConfigError(VARIABLE, problem)
    return StoreError(UNREACHABLE)
