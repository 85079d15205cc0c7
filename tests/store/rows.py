"""Looks into the database's file past the store, for the tests of the store alone."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any


def sql(path: Path, statement: str, *values: object) -> list[Any]:
    """Looks into the file, or tampers with it."""
    with closing(sqlite3.connect(path)) as beside, beside:
        return beside.execute(statement, values).fetchall()


def rows(path: Path) -> dict[str, bytes]:
    """All rows, values as bytes whatever they were made into."""
    return dict(sql(path, "SELECT key, CAST(value AS BLOB) FROM store"))


def keys_of(path: Path) -> list[str]:
    """The keys of all rows but those that count or tell of the file itself."""
    return sorted(key for key in rows(path) if not key.startswith("meta/"))


def occurrences(path: Path, text: str) -> int:
    """How often something stands in the bytes of the database and its log."""
    files = [path, path.with_name(f"{path.name}-wal")]
    content = b"".join(file.read_bytes() for file in files if file.exists())
    return len(re.findall(re.escape(text.encode()), content))
