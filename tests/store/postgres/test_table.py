"""The rows in PostgreSQL are those in SQLite: whatever is done to both, they agree."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from slackbot.store.postgres.connection import OPTIONS, TimedConnection
from slackbot.store.postgres.opening import prepare
from slackbot.store.postgres.table import PostgresTable
from slackbot.store.sqlite.table import SqliteTable

THREADS = ["T1/C1/1.1", "T1/C1/1.2", "T2/C1/1.1"]
KEYS = [
    *(
        f"turn/T{team}/C1/1.{ts}/{number:08d}"
        for team in "12"
        for ts in "12"
        for number in (0, 9, 10)
    ),
    *(f"inbox/T1/C1/1.1/{number:012d}/message/1.{number}" for number in (1, 2, 11)),
    *(f"draft/T1/C1/1.1/1.1{rest}" for rest in ("", "/0000", "/0000/0001", "/0010")),
    "draft/T1/C1/1.1/00000003",
    "claim/T1/C1/1.1",
    "header/T1/C1/1.1",
    "corrupt/2026/turn/T1/C1/1.1/00000001",
    "instructions/T1/-/-/00000001",
    "instructions/T1/C1/-/00000002",
    "amended/T1/00000001",
    "rates/T1",
    "meta/inbox/T1",
]
PREFIXES = [
    *("turn/", "turn/T1/", "turn/T1/C1/", "turn/T1/C1/1.1/", "turn/T1/C1/1.1/00000009"),
    *("inbox/", "inbox/T1/C1/1.1/000000000011/", "draft/T1/C1/1.1/", "draft/T1/C1/1.1/1.1"),
    *("claim/T1/", "header/", "corrupt/", "instructions/T1/-/", "amended/T1/", "rates/T1"),
]
TEXTS = ["Ahoy", "half \ud800 pair", "nul \0", "\U0001f600", 'quotes " \\ %s', "U1"]

keys = st.sampled_from(KEYS)
prefixes = st.sampled_from(PREFIXES)
changes = st.lists(
    st.one_of(
        st.tuples(st.just("put"), keys, st.sampled_from(TEXTS)),
        st.tuples(st.just("remove"), keys),
        st.tuples(st.just("remove_all"), prefixes),
        st.tuples(st.just("remove_rows"), st.lists(keys)),
        st.tuples(st.just("move"), st.sampled_from(KEYS), st.just("corrupt/2027/")),
    ),
    max_size=30,
)


@pytest.fixture
def connection(address: str) -> Iterator[TimedConnection]:
    with TimedConnection.connect(prepare(address), **OPTIONS) as connection:
        yield connection


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[SqliteTable]:
    table = SqliteTable.open(tmp_path / "a.db")
    yield table
    table.close()


def encoded(text: str) -> bytes:
    dumped = json.dumps({"v": 5, "text": text}, ensure_ascii=False)
    return dumped.encode("utf-8", "surrogatepass")


def decoded(rows: list[tuple[str, bytes]]) -> list[tuple[str, object]]:
    return [(key, json.loads(value)) for key, value in rows]


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(done=changes, prefix=prefixes, key=keys)
def test_it_holds_what_sqlite_holds(
    connection: TimedConnection,
    sqlite: SqliteTable,
    done: list[tuple[str, ...]],
    prefix: str,
    key: str,
) -> None:
    """After any changes, every way to read gives the same rows in the same order."""
    postgres = PostgresTable(connection)
    with sqlite.transaction(), connection.transaction(force_rollback=True):
        for kind in sorted({each.partition("/")[0] for each in KEYS}):
            sqlite.remove_all(f"{kind}/")
        for table in (sqlite, postgres):
            for name, *values in done:
                if name == "put":
                    table.put(values[0], encoded(values[1]))
                else:
                    getattr(table, name)(*values)
        for table in (sqlite, postgres):
            assert (key in table) == (table.get(key) is not None)
        assert decoded(postgres.range(prefix, prefix)) == decoded(sqlite.range(prefix, prefix))
        assert decoded(postgres.range(prefix, prefix, 2)) == decoded(
            sqlite.range(prefix, prefix, 2)
        )
        assert postgres.keys(prefix) == sqlite.keys(prefix)
        assert decoded(postgres.last(prefix, "turn/T1/C1/1.1/")) == decoded(
            sqlite.last(prefix, "turn/T1/C1/1.1/")
        )
        for kind in PREFIXES[:6]:
            beginning = f"{kind.partition('/')[0]}/"
            assert postgres.teams(beginning) == sqlite.teams(beginning)
        if key.startswith(prefix):
            assert decoded(postgres.range(key, prefix)) == decoded(sqlite.range(key, prefix))
            assert decoded(postgres.page(key, prefix, 3)) == decoded(sqlite.page(key, prefix, 3))
        assert [*postgres.naming("U1", prefix, 2)] == [*sqlite.naming("U1", prefix, 2)]
        assert sorted(decoded(postgres.ranges("turn/T1/", "draft/T1/")), key=str) == sorted(
            decoded(sqlite.ranges("turn/T1/", "draft/T1/")), key=str
        )
