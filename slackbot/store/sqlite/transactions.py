"""What is written to a file together: in one transaction, or in a group that shares one COMMIT."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

from slackbot.store.sqlite.connection import SqliteConnection
from slackbot.store.sqlite.file_identity import FileIdentity

SHRINK_SECONDS = 1.0
"""The least time between two attempts to empty the log."""


class Transactions:
    """The transactions of one open file, of which one at a time is open. sqlite3.Error comes out as
    it is.

    After each COMMIT, raises FileMovedError if the file is no longer the one under its name.
    """

    def __init__(self, connection: SqliteConnection, identity: FileIdentity) -> None:
        self._connection = connection
        self._identity = identity
        self._grouped = False
        self._no_transaction: sqlite3.Error | None = None
        self.must_shrink = False
        """Whether the log may still hold what was removed."""
        self._next_shrink = 0.0
        self._is_durable: bool | None = None
        self._set_durable(durable=True)

    @property
    def is_open(self) -> bool:
        """Whether a transaction has begun."""
        return self._connection.in_transaction

    def shrink(self) -> None:
        """Empties the write-ahead log, so that nothing of what was removed is left in it.

        Inside a transaction or a group, this happens after its COMMIT. While another program reads
        the file it can't be done, and is tried again after later ones, until it is.
        """
        self.must_shrink, self._next_shrink = True, 0.0
        self._shrink()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All that is written inside is in the file when this is left, or nothing of it.

        Inside another transaction, or a group, it is a part of that: if it fails, it alone is
        undone, and it is in the file together with the rest.
        """
        outer = self.is_open
        self._begin()
        with ExitStack() as undo:
            if outer or self._grouped:
                self._connection.execute("SAVEPOINT part")
                undo.callback(self._roll_back_part)
                yield
                self._connection.execute("RELEASE part")
            else:
                undo.callback(self.roll_back)
                yield
                self._commit()
            undo.pop_all()

    @contextmanager
    def group(self, *, durable: bool = True) -> Iterator[None]:
        """The transactions inside are in the file when this is left, by one COMMIT for all of them.

        Without `durable`, they survive the end of the process, and a power loss may undo them.
        """
        self._grouped, self._no_transaction = True, None
        try:
            self._set_durable(durable=durable)
            yield
            if self.is_open:
                self._commit()
        except BaseException:
            self.roll_back()
            raise
        finally:
            self._grouped, self._no_transaction = False, None
        self._shrink()

    def roll_back(self) -> None:
        """Undoes what has begun, if anything has."""
        if self.is_open:  # SQLite has done it itself after the worse errors
            with suppress(sqlite3.Error):
                self._connection.execute("ROLLBACK")

    def _begin(self) -> None:
        """Begins a transaction if there is none.

        What keeps one transaction of a group from beginning keeps all of them: another program's
        lock is waited for once.
        """
        if self.is_open:
            return
        if self._no_transaction is not None:
            raise self._no_transaction
        try:
            self._connection.execute("BEGIN IMMEDIATE")
        except sqlite3.Error as error:
            if self._grouped:
                self._no_transaction = error
            raise

    def _commit(self) -> None:
        self._connection.execute("COMMIT")
        self._identity.check()
        self._shrink()

    def _roll_back_part(self) -> None:
        if self.is_open:
            try:
                self._connection.execute("ROLLBACK TO part")
                self._connection.execute("RELEASE part")
            except sqlite3.Error:  # nothing of the part may stay
                self.roll_back()

    def _shrink(self) -> None:
        if not self.must_shrink or self.is_open or self._grouped:
            return
        if time.monotonic() < self._next_shrink:
            return
        self._next_shrink = time.monotonic() + SHRINK_SECONDS
        ((lock_timeout,),) = self._connection.select("PRAGMA busy_timeout")
        with suppress(sqlite3.Error):  # what was committed before has not failed
            # Another attempt will do, and others wait for this one.
            self._connection.execute("PRAGMA busy_timeout = 0")
            ((busy, *_),) = self._connection.select("PRAGMA wal_checkpoint(TRUNCATE)")
            self.must_shrink = bool(busy)
        self._connection.execute(f"PRAGMA busy_timeout = {lock_timeout}")

    def _set_durable(self, *, durable: bool) -> None:
        """Has COMMIT wait for the disk, or not: https://sqlite.org/pragma.html#pragma_synchronous"""
        if durable != self._is_durable:
            self._connection.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
            self._is_durable = durable
