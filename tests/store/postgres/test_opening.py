"""What is wrong with an address is one sentence, without a secret in it."""

import socket
import sys
from dataclasses import replace
from pathlib import Path
from typing import LiteralString

import psycopg
import pytest
from psycopg import sql

from slackbot.conversation.inbox_events import MessageReceived
from slackbot.errors import ConfigError, StoreError
from slackbot.playground.postgres_server import EMPTY_TEMPLATE, PostgresServer
from slackbot.store import open_store
from slackbot.store.postgres import PostgresStore, opening
from slackbot.store.postgres.lone_connection import LoneConnection
from tests.store.test_contract import HELLO

SECRET = "hunter2"


@pytest.fixture
def address(postgres: PostgresServer) -> str:
    """That of an empty database."""
    return postgres.create_database(EMPTY_TEMPLATE)


async def refusal(address: str) -> str:
    with pytest.raises((ConfigError, StoreError)) as refused:
        await open_store(address)
    assert SECRET not in refused.value.user_message
    return refused.value.user_message


async def test_a_wrong_password(address: str, other: psycopg.Connection) -> None:
    """The sentence says that the server does not accept it."""
    other.execute("CREATE ROLE keeper LOGIN PASSWORD 'right'")
    ((rules,),) = other.execute("SHOW hba_file").fetchall()
    ((before,),) = other.execute("SELECT pg_read_file(%s)", [rules]).fetchall()
    try:
        set_rules(other, f"host all keeper all scram-sha-256\n{before}", rules)
        keeper = address.replace("slackbot@", f"keeper:{SECRET}@")
        assert "a password that the PostgreSQL server does not accept" in await refusal(keeper)
    finally:
        set_rules(other, before, rules)
        other.execute("DROP ROLE keeper")


def set_rules(other: psycopg.Connection, text: str, path: str) -> None:
    """Replaces the server's pg_hba.conf."""
    Path(path).write_text(text)
    other.execute("SELECT pg_reload_conf()")


async def test_a_database_that_is_not_there(postgres: PostgresServer) -> None:
    """The sentence says how to create it."""
    assert "names a database that the PostgreSQL server does not have" in await refusal(
        postgres.url("nowhere")
    )


async def test_a_user_that_is_not_there(address: str) -> None:
    """The sentence says that the server does not know the user."""
    nobody = address.replace("slackbot@", f"nobody:{SECRET}@")
    assert "names a user that the PostgreSQL server does not know" in await refusal(nobody)


async def test_a_host_that_is_not_there() -> None:
    """The sentence says that its name leads nowhere."""
    address = f"postgres://me:{SECRET}@nowhere.invalid/db"
    assert "names a host that can't be found" in await refusal(address)


async def test_a_server_that_does_not_run() -> None:
    """The sentence says what to look at."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        address = f"postgresql://me:{SECRET}@127.0.0.1:{port}/db"
        assert "can't be reached" in await refusal(address)


@pytest.mark.parametrize(
    "rest",
    [
        f"me:{SECRET}%@host/db",
        f"host/db?nonsense={SECRET}",
        f"me:{SECRET}@host:x/db",
        f"me:{SECRET}@[::1/db",
        f"me:{SECRET}\udcff@host/db",
    ],
)
async def test_what_is_no_address(rest: str) -> None:
    """Libpq repeats a part of an address that it can't read; the bot does not."""
    message = await refusal(f"postgresql://{rest}")
    assert message.startswith("DATABASE_URL ")


async def test_parameters_are_those_of_libpq(address: str, other: psycopg.Connection) -> None:
    """`sslmode` and the others reach libpq as they are written."""
    assert "refuses this kind of connection" in await refusal(f"{address}?sslmode=require")
    store = await PostgresStore.open(f"{address}?application_name=named&sslmode=disable")
    await store.check()
    named = other.execute("SELECT FROM pg_stat_activity WHERE application_name = 'named'")
    assert named.rowcount > 0
    await store.close()


async def test_herokus_addresses(address: str) -> None:
    """`postgres://` is the same as `postgresql://`."""
    store = await open_store(address.replace("postgresql://", "postgres://"))
    await store.check()
    await store.close()


async def test_an_old_server_is_refused(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sentence names its version, and the oldest that will do."""
    monkeypatch.setattr(opening, "OLDEST_SERVER", 990_000)
    assert "use version 13 or newer" in await refusal(address)


async def test_a_database_of_another_encoding(
    postgres: PostgresServer, other: psycopg.Connection
) -> None:
    """The sentence says which it is, and how to create one that takes what people write."""
    assert "with the encoding LATIN1" in await refusal(
        database_like(postgres, other, "latin", "ENCODING 'LATIN1'")
    )


@pytest.mark.parametrize("name", ["ascii", "addressed", "environment"])
async def test_any_text_is_stored(
    name: str,
    postgres: PostgresServer,
    other: psycopg.Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It comes back as it was, whichever encoding the database, the address or libpq's variable
    would choose.
    """
    address = database_like(
        postgres, other, name, f"ENCODING '{'SQL_ASCII' if name == 'ascii' else 'UTF8'}'"
    )
    if name == "addressed":
        address += "?client_encoding=LATIN1"
    elif name == "environment":
        monkeypatch.setenv("PGCLIENTENCODING", "SQL_ASCII")
    event = MessageReceived(replace(HELLO, markup="Grüße 😀 \ud800\0"))
    store = await PostgresStore.open(address)
    await store.append(event, opens=True)
    ((stored),) = await store.events(HELLO.thread)
    assert stored.event == event
    await store.close()
    lone = LoneConnection(address)
    assert await lone.run("SELECT 'ü'") == [("ü",)]
    await lone.close()


def database_like(
    postgres: PostgresServer, other: psycopg.Connection, name: str, options: LiteralString
) -> str:
    """The address of a new database with these options of CREATE DATABASE."""
    other.execute(
        sql.SQL("CREATE DATABASE {} TEMPLATE template0 LOCALE 'C' " + options).format(
            sql.Identifier(name)
        )
    )
    return postgres.url(name)


async def test_a_user_who_may_create_nothing(address: str, other: psycopg.Connection) -> None:
    """The sentence says whose the database has to be."""
    other.execute("CREATE ROLE guest LOGIN")
    try:
        guest = address.replace("slackbot@", "guest@")
        assert "make it the database's owner" in await refusal(guest)
    finally:
        other.execute("DROP ROLE guest")


async def test_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where psycopg is not installed, one sentence says what to install."""
    for name in [*sys.modules]:
        if name.startswith(("psycopg", "slackbot.store.postgres")):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "psycopg", None)
    message = await refusal(f"postgresql://me:{SECRET}@host/db")
    assert message.endswith("pip install 'slackbot[postgres]'")
