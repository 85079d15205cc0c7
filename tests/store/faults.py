"""What other programs do to the bot's database while it runs."""

import resource
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

BREAK = """
BEGIN IMMEDIATE;
ALTER TABLE store RENAME TO intact;
CREATE VIEW store AS
    SELECT key, CASE WHEN key IN failing THEN json('failing') ELSE value END AS value FROM intact;
CREATE TRIGGER put INSTEAD OF INSERT ON store
    BEGIN REPLACE INTO intact VALUES (NEW.key, NEW.value); END;
CREATE TRIGGER remove INSTEAD OF DELETE ON store
    BEGIN DELETE FROM intact WHERE key = OLD.key; END;
COMMIT;
"""
"""A view takes the table's place: it evaluates invalid JSON instead of a row that is to fail."""

MEND = """
BEGIN IMMEDIATE;
DROP VIEW store;
DROP TABLE failing;
ALTER TABLE intact RENAME TO store;
COMMIT;
"""


@contextmanager
def write_locked(url: str) -> Iterator[None]:
    """Nobody else can write to the SQLite database at `url` while the block runs; reads work."""
    with _connected(url) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield


@contextmanager
def full_disk(path: Path) -> Iterator[None]:
    """While the block runs, no file of this process may become larger than the database's log."""
    _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(
        resource.RLIMIT_FSIZE, (path.with_name(f"{path.name}-wal").stat().st_size, most)
    )
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))


@contextmanager
def failing_writes(url: str, part: str) -> Iterator[None]:
    """Writes of rows whose keys contain `part` fail while the block runs."""
    with _connected(url) as connection:
        connection.execute(
            "CREATE TRIGGER failing BEFORE INSERT ON store "
            f"WHEN instr(NEW.key, '{part}') BEGIN SELECT RAISE(ABORT, 'failing'); END"
        )
        try:
            yield
        finally:
            connection.execute("DROP TRIGGER failing")


@contextmanager
def failing_reads(url: str, key: str) -> Iterator[None]:
    """Reads of the row `key` fail in SQLite while the block runs, and everything else works."""
    with _connected(url) as connection:
        connection.execute("CREATE TABLE failing AS SELECT ? AS key", (key,))
        connection.executescript(BREAK)
        try:
            yield
        finally:
            connection.executescript(MEND)


@contextmanager
def _connected(url: str) -> Iterator[sqlite3.Connection]:
    path = url.removeprefix("sqlite:///")
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        yield connection
