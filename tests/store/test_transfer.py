"""Everything moves between databases of any two kinds, whole or not at all."""

import tracemalloc
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from pathlib import Path

import psycopg
import pytest

from slackbot.errors import StoreError
from slackbot.playground.postgres_server import PostgresServer
from slackbot.store import open_store
from slackbot.store.postgres.transfer_end import postgres_end
from slackbot.store.row_digest import as_json
from slackbot.store.row_format import EMPTY
from slackbot.store.sqlite.opening import open_table
from slackbot.store.sqlite.table import SqliteTable
from slackbot.store.sqlite.transfer_end import sqlite_source, sqlite_target
from slackbot.store.transfer import TransferEnd, TransferReport, transfer
from slackbot.store.transfer_mark import MARK
from tests.store.rows import rows, sql
from tests.store.sqlite.test_backup import files, killed
from tests.store.sqlite.test_layouts import COUNT, DIRECT, LAYOUTS, written

TURN = "turn/T1/C1/1.1/00000000"


def end(url: str) -> AbstractContextManager[TransferEnd]:
    return sqlite_target(Path(url[10:])) if url.startswith("sqlite") else postgres_end(url)


def move(
    source: Path, url: str, on_progress: Callable[[int], object] = lambda _: None
) -> TransferReport:
    with sqlite_source(source) as from_, end(url) as to:
        return transfer(from_, to, on_progress)


def content(url: str) -> dict[str, bytes]:
    """All rows but the mark; those that were set aside without their time."""
    with end(url) as database:
        found = {key: value for page in database.pages(7) for key, value in page if key != MARK}
    return {_timeless(key): value for key, value in found.items()}


def _timeless(key: str) -> str:
    return f"corrupt/{key.split('/', 2)[2]}" if key.startswith("corrupt/") else key


def small(path: Path, number: int = 3) -> Path:
    """A database with some rows."""
    table = open_table(path, 5.0, shared=False, create=True)
    with table.transaction():
        for each in range(number):
            table.put(f"{TURN[:-1]}{each}", EMPTY)
    table.close()
    return path


def change(url: str) -> None:
    """Something changes a row, as a bot does."""
    if url.startswith("sqlite"):
        sql(Path(url[10:]), "UPDATE store SET value = '{}' WHERE key = ?", TURN)
    else:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("UPDATE turns SET value = '{}' WHERE number = 0")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    (tmp_path / "source").mkdir()
    return tmp_path / "source" / "old.db"


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of the target."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'new.db'}"
    server: PostgresServer = request.getfixturevalue("postgres")
    return server.create_database()


@pytest.mark.parametrize("layout", sorted(each.stem for each in LAYOUTS.glob("*.sql")))
def test_every_row_of_every_layout(layout: str, source: Path, url: str, tmp_path: Path) -> None:
    """The target has the rows as the bot would have migrated them, and the source does not change.
    It comes back from there the same.
    """
    written(layout, source)
    sql(source, "INSERT INTO store VALUES ('corrupt/2026/turn/T1/C1/1.1/00000009', x'ff00')")
    before = source.read_bytes()
    report = move(source, url)
    assert source.read_bytes() == before
    assert files(source.parent) == {"old.db", "old.db.lock"}
    expected = written(layout, tmp_path / "expected.db")
    sql(expected, "INSERT INTO store VALUES ('corrupt/2026/turn/T1/C1/1.1/00000009', x'ff00')")
    open_table(expected, 5.0, shared=False, create=False).close()
    migrated = {_timeless(key): as_json(value) for key, value in rows(expected).items()}
    migrated.pop("meta/inbox", None)
    assert content(url) == migrated
    assert (report.rows, report.aside, report.done_before) == (len(migrated), 0, False)
    back = f"sqlite:///{tmp_path / 'back.db'}"
    if url.startswith("postgres"):
        with postgres_end(url) as from_, end(back) as to:
            transfer(from_, to)
        assert content(back) == migrated


async def test_what_cant_be_read_is_told_there(source: Path, url: str) -> None:
    """A question whose row is damaged is known as lost in the new database too."""
    written("4", source)
    sql(source, "UPDATE store SET value = x'00ff' WHERE key LIKE 'open/%'")
    move(source, url)
    store = await open_store(url)
    assert (await store.waiting(DIRECT)).lost == (COUNT.ts,)
    await store.close()


def test_keys_without_a_place(source: Path, postgres: PostgresServer) -> None:
    """Rows that PostgreSQL's tables have no columns for are set aside, and counted."""
    small(source)
    odd = ("request/T1/never/x", "strange/x", "corrupt/x", "rates/T\0", "request/T1")
    for key in odd:
        sql(source, "INSERT INTO store VALUES (?, ?)", key, '{"v":5}')
    sql(source, "INSERT INTO store VALUES (?, ?)", "corrupt/2026/pins/T1/\0", "x")
    url = postgres.create_database()
    assert move(source, url).aside == len(odd)
    found = {key for key in content(url) if key.startswith("corrupt/")}
    assert found == {f"corrupt/{key}".replace("\0", "\\x00") for key in (*odd, "pins/T1/\0")}
    assert move(source, url).done_before


def test_a_target_that_is_not_empty(source: Path, url: str, tmp_path: Path) -> None:
    """It is refused, and stays as it is."""
    move(small(tmp_path / "other.db", 1), url)
    with end(url) as database, database.table.transaction():
        database.table.remove(MARK)
    before = content(url)
    with pytest.raises(
        StoreError, match=r"^The target holds something already: name an empty .*\.$"
    ):
        move(small(source), url)
    assert content(url) == before


def test_a_second_run_changes_nothing(source: Path, url: str) -> None:
    """It compares everything, and says that it is done."""
    first = move(small(source), url)
    second = move(source, url)
    assert (first.counts, first.done_before) == (second.counts, not second.done_before)


@pytest.mark.parametrize("where", ["source", "target"])
def test_a_second_run_after_changes(source: Path, url: str, where: str) -> None:
    """What was finished before, and has changed since, is nothing to overwrite."""
    move(small(source), url)
    change(url if where == "target" else f"sqlite:///{source}")
    before = content(url)
    with pytest.raises(StoreError, match="one of the two has changed since"):
        move(source, url)
    assert content(url) == before


async def test_an_interrupted_run(source: Path, url: str) -> None:
    """A bot refuses what it left, and the next run begins again, also with another source."""

    def interrupt(_: int) -> None:
        raise KeyboardInterrupt

    small(source, 9)
    with pytest.raises(KeyboardInterrupt):
        move(source, url, interrupt)
    assert content(url)
    with pytest.raises(StoreError, match="not filled to the end by `slackbot migrate`"):
        await open_store(url)
    move(small(source.with_name("other.db"), 2), url)
    assert len(content(url)) == 2
    await (await open_store(url)).close()


def test_a_copy_that_is_not_the_same(source: Path, url: str) -> None:
    """What changes in the target meanwhile is noticed, and the target is not finished."""
    changes = iter([lambda: change(url)])

    def once(_: int) -> None:
        with suppress(StopIteration):
            next(changes)()

    small(source)
    with pytest.raises(StoreError, match="not the same in its rows of these kinds: turn"):
        move(source, url, once)
    move(source, url)
    assert content(url) == {f"{TURN[:-1]}{each}": EMPTY for each in range(3)}


def test_two_at_a_time(source: Path, postgres: PostgresServer) -> None:
    """The one that began first gives way, and the other's copy is whole."""
    url = postgres.create_database()
    small(source, 9)
    other = small(source.with_name("other.db"), 2)
    reports: list[TransferReport] = []

    def begin_another(_: int) -> None:
        if not reports:
            reports.append(move(other, url))

    written("4", source.with_name("long.db"))
    table = SqliteTable.open(source.with_name("long.db"))
    with table.transaction():
        for number in range(300):
            table.put(f"turn/T2/C1/1.1/{number:08d}", EMPTY)
    table.close()
    with pytest.raises(StoreError, match="Another `slackbot migrate` fills the same target"):
        move(source.with_name("long.db"), url, begin_another)
    assert len(content(url)) == 2


def test_a_bot_uses_the_source(source: Path, url: str) -> None:
    """Its lock is in the way, and nothing is written."""
    small(source)
    table = SqliteTable.open(source)
    with pytest.raises(StoreError, match="Another process is using"):
        move(source, url)
    table.close()
    assert not content(url)


@pytest.mark.parametrize(
    "lease", ["replicas (id, expires_at) VALUES ('r', ", "leases VALUES ('T1', 'r', 1, "]
)
def test_a_bot_uses_postgresql(
    source: Path, postgres: PostgresServer, tmp_path: Path, lease: str
) -> None:
    """As long as a replica lives, or owns a workspace, it is neither source nor target."""
    url = postgres.create_database()
    with postgres_end(url):
        pass
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"INSERT INTO {lease} now() + interval '1 hour')")
        with pytest.raises(StoreError, match="A bot uses the PostgreSQL database"):
            move(small(source), url)
        with (
            postgres_end(url) as from_,
            sqlite_target(tmp_path / "new.db") as to,
            pytest.raises(StoreError, match="A bot uses the PostgreSQL database"),
        ):
            transfer(from_, to)
        connection.execute("UPDATE replicas SET expires_at = now()")
        connection.execute("UPDATE leases SET expires_at = now()")
    move(source, url)


def test_a_damaged_source(source: Path, url: str) -> None:
    """It is not copied."""
    small(source, 9)
    data = bytearray(source.read_bytes())
    data[4096 : 4096 * 2] = b"\xff" * 4096
    source.write_bytes(data)
    with pytest.raises(StoreError, match="is damaged"):
        move(source, url)


def test_no_source(source: Path, url: str) -> None:
    """Nothing is created."""
    with pytest.raises(StoreError, match="There is no database"):
        move(source, url)
    assert not files(source.parent)


def test_memory_is_bounded(source: Path, url: str) -> None:
    """Some rows are in memory at a time: 20 MB of them need a few."""
    table = open_table(source, 5.0, shared=False, create=True)
    with table.transaction():
        for number in range(2000):
            table.put(f"turn/T1/C1/1.1/{number:08d}", b'{"v":5,"x":"%s"}' % (b"x" * 10_000))
    table.close()
    tracemalloc.start()
    try:
        move(source, url)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 8_000_000


def test_progress(source: Path, url: str) -> None:
    """Each row counts when it is copied and when it is compared."""
    steps: list[int] = []
    with sqlite_source(small(source)) as from_, end(url) as to:
        transfer(from_, to, steps.append)
        assert sum(steps) >= 2 * from_.count()


def test_a_kill_at_any_moment(source: Path, tmp_path: Path) -> None:
    """The source is whole, and the next run finishes the target."""
    small(source)
    expected = rows(source)
    folders = killed(
        tmp_path / "killed", source.parent, 7, "migrate", "sqlite:///old.db", "sqlite:///new.db"
    )
    finished = []
    for folder in folders:
        url = f"sqlite:///{folder / 'new.db'}"
        finished.append(move(folder / "old.db", url).done_before)
        assert rows(folder / "old.db") == content(url) == expected
        assert files(folder) == {"old.db", "old.db.lock", "new.db", "new.db.lock"}
    assert (finished[0], finished[-1]) == (False, True)
    assert finished == sorted(finished)


def test_a_kill_at_any_moment_with_postgresql(
    source: Path, postgres: PostgresServer, tmp_path: Path
) -> None:
    """Each run is killed some steps later than the one before, and goes on with what that one
    left; the last one is not killed.
    """
    url = postgres.create_database()
    small(source)
    killed(tmp_path / "killed", source.parent, 17, "migrate", "sqlite:///old.db", url)
    assert content(url) == rows(source)
    assert move(source, url).done_before
