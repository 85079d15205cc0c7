"""The lines of `slackbot check` about a PostgreSQL database."""

from pathlib import Path

import psycopg

from slackbot.cli.check_database import SWALLOWED, UNREACHABLE_LISTEN_URL
from slackbot.playground.postgres_server import PostgresServer
from slackbot.store.postgres.migrations import migrations
from tests.command import run
from tests.harness import BotHarness
from tests.replicas import replica_tasks
from tests.store.postgres.bouncer import bouncer


async def database_lines(harness: BotHarness, folder: Path, **changes: str) -> list[str]:
    """What `check` prints about the database; it finds nothing that fails."""
    environment = {**harness.environment, **changes}
    code, output, errors = await run(folder, "check", **environment)
    assert (code, errors) == (0, "")
    return [line for line in output.splitlines() if " database: " in line]


async def test_a_new_database(
    harness: BotHarness, postgres: PostgresServer, tmp_path: Path
) -> None:
    """It is brought up to date, as a release phase needs it; no bot runs yet."""
    address = postgres.create_database()
    with psycopg.connect(address) as connection:
        version = connection.info.parameter_status("server_version") or ""
    newest = max(migrations())
    tables = f"with this version's tables (migration {newest})"
    assert await database_lines(harness, tmp_path, DATABASE_URL=address) == [
        "ok      database: can be read and written",
        f"ok      database: PostgreSQL {version.split()[0]}, {tables}",
        "ok      database: notifications arrive",
        "ok      database: no replica runs now",
    ]
    with psycopg.connect(address) as connection:
        connection.execute("INSERT INTO schema_versions VALUES (%s, %s)", [newest + 1, newest])
    tables = f"with a newer version's tables (migration {newest + 1})"
    assert f"ok      database: PostgreSQL {version.split()[0]}, {tables}" in await database_lines(
        harness, tmp_path, DATABASE_URL=address
    )


async def test_replicas_that_run(
    harness: BotHarness, postgres: PostgresServer, tmp_path: Path
) -> None:
    """How many there are, and what each owns; a workspace without an owner is a warning."""
    harness.environment["DATABASE_URL"] = address = postgres.create_database()
    workspace = harness.workspace
    async with replica_tasks(2, harness.environment, workspace):
        await harness.finished(await harness.mention("hello"))
        lines = (await database_lines(harness, tmp_path))[3:]
    assert lines[0] == "ok      database: replicas that run: 2; workspaces with an owner: 1 of 1"
    assert sorted(line.rpartition(" owns ")[2] for line in lines[1:]) == ["0", "1"]
    with psycopg.connect(address) as connection:
        connection.execute(
            "INSERT INTO leases (team_id, owner, epoch, expires_at) "
            "VALUES ('T9', 'dead-1-0', 1, now() + interval '1 hour')"
        )
        connection.execute("INSERT INTO replicas VALUES ('other-2-0', now() + interval '1 hour')")
    assert (await database_lines(harness, tmp_path))[3:] == [
        "warning database: replicas that run: 1; workspaces with an owner: 1 of 2",
        "ok      database: replica dead-1-0 owns 1, and does not run any more",
        "ok      database: replica other-2-0 owns 0",
    ]


async def test_behind_pgbouncer(
    harness: BotHarness, postgres: PostgresServer, tmp_path: Path
) -> None:
    """Notifications that PgBouncer swallows are a warning, until they have a way of their own."""
    direct = postgres.create_database()
    with bouncer(direct) as address:
        lines = await database_lines(harness, tmp_path, DATABASE_URL=address)
        assert lines[2] == f"warning database: {SWALLOWED}"
        both = {"DATABASE_URL": address, "SLACKBOT_LISTEN_URL": direct}
        assert "ok      database: notifications arrive" in await database_lines(
            harness, tmp_path, **both
        )
        wrong = {**both, "SLACKBOT_LISTEN_URL": "postgresql://127.0.0.1:9/nothing"}
        lines = await database_lines(harness, tmp_path, **wrong)
        assert lines[2] == f"warning database: {UNREACHABLE_LISTEN_URL}"
