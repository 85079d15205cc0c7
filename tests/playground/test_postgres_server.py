"""The server that tests and the playground start: it starts, ends, and keeps its data."""

import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from slackbot.playground import postgres_server
from slackbot.playground.postgres_server import MissingPostgresError, PostgresServer


def test_data_outlives_a_restart_on_the_same_address(postgres: PostgresServer) -> None:
    """A server of its own stops and starts again with what was committed."""
    with PostgresServer() as server:
        url = server.create_database()
        with psycopg.connect(url) as connection:
            connection.execute("CREATE TABLE kept (number int)")
        server.stop()
        server.start()
        with psycopg.connect(url) as connection:
            connection.execute("SELECT number FROM kept")
    assert postgres.port != server.port


def test_nobody_gets_its_port_by_chance(postgres: PostgresServer) -> None:
    """While it is stopped, no connection of another program takes the port that it comes back on.

    https://docs.kernel.org/networking/ip-sysctl.html#ip-variables
    """
    given_away = Path("/proc/sys/net/ipv4/ip_local_port_range")
    if not given_away.exists():
        pytest.skip("Only Linux tells which ports it gives away.")
    first, last = map(int, given_away.read_text().split())
    assert not first <= postgres.port <= last


def test_each_database_is_empty(postgres: PostgresServer) -> None:
    """Two tests never share their rows."""
    assert postgres.create_database() != postgres.create_database()


def test_a_machine_without_postgresql_is_told_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(postgres_server, "DEBIAN_FOLDERS", str(tmp_path))
    with pytest.raises(MissingPostgresError, match="apt-get install postgresql"):
        postgres_server.programs()


SERVES = """
import sys
from slackbot.playground.postgres_server import PostgresServer
with PostgresServer() as server:
    print(server.url("postgres"), flush=True)
    sys.stdin.read()
"""


def test_it_ends_with_the_process_that_started_it(postgres: PostgresServer) -> None:
    """Also if that one is killed, and can't stop it."""
    assert postgres.pid  # skips the test where there is none
    arguments = [sys.executable, "-c", SERVES]
    pipe = subprocess.PIPE
    with subprocess.Popen(arguments, stdin=pipe, stdout=pipe, text=True) as process:  # noqa: S603 - ours
        assert process.stdout is not None
        with psycopg.connect(process.stdout.readline().strip(), autocommit=True) as connection:
            process.kill()
            with pytest.raises(psycopg.OperationalError):
                connection.execute("SELECT pg_sleep(60)")
