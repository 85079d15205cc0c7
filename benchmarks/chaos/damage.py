"""Overwrites a page of a database, and tells which rows stood there.

https://sqlite.org/fileformat2.html
"""

import re
import sqlite3
from collections.abc import Set as AbstractSet
from contextlib import closing
from pathlib import Path
from random import Random
from typing import NamedTuple

TABLE_LEAF, INDEX_LEAF = 0x0D, 0x0A
"""The first byte of pages that hold rows, or keys of the index."""

PAGE_SIZE_AT = slice(16, 18)
"""Where the file's header says how long a page is."""

_KEY = re.compile(rb"([a-z]+)/T[0-9A-Z]+/([CD][0-9A-Z]+)/(\d{10}\.\d{6})")


class Damage(NamedTuple):
    """What was overwritten."""

    page: int
    messages: AbstractSet[tuple[str, str]]
    """The (channel, ts) in the keys of the rows. The index is made from the rows, so a damaged page
    of it costs none."""


def settle_log(database: Path) -> None:
    """Moves all pages from SQLite's write-ahead log into the file. Nobody else may use it."""
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def damage_page(database: Path, rng: Random) -> Damage | None:
    """Overwrites one page of rows or of the index; None if there is none."""
    content = database.read_bytes()
    if not content:  # the bot was killed before it wrote anything
        return None
    size = int.from_bytes(content[PAGE_SIZE_AT], "big")
    size = 65_536 if size == 1 else size
    pages = [
        number
        for number in range(1, len(content) // size)
        if content[number * size] in (TABLE_LEAF, INDEX_LEAF)
    ]
    if not pages:
        return None
    number = rng.choice(pages)
    page = content[number * size : (number + 1) * size]
    with database.open("r+b") as file:
        file.seek(number * size)
        file.write(rng.choice([bytes(size), rng.randbytes(size)]))
    keys = _KEY.findall(page) if page[0] == TABLE_LEAF else []
    return Damage(number + 1, {(channel.decode(), ts.decode()) for _, channel, ts in keys})
