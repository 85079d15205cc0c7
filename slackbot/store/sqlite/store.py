"""The store in a file, for one process."""

import asyncio
import logging
import math
import sqlite3
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Self, TypeVar

from slackbot.conversation.ids import TeamId
from slackbot.errors import LostStoreError, StoreError, UnreadableDraftError
from slackbot.store import texts
from slackbot.store.announcements import Announcement
from slackbot.store.drafts import LostDraftError
from slackbot.store.forgetting import DataDeletion, Steps
from slackbot.store.record_access import Kind
from slackbot.store.record_store import RecordStore
from slackbot.store.records import Records
from slackbot.store.sqlite.earlier_files import earlier_files
from slackbot.store.sqlite.errors import is_damage, primary_code
from slackbot.store.sqlite.opening import open_table
from slackbot.store.sqlite.operations import Deadlines, Operations
from slackbot.store.sqlite.table import LOCK_TIMEOUT_SECONDS, SqliteTable
from slackbot.store.sqlite.worker import Kind as WorkerKind
from slackbot.store.thread_deletion import DeletionReport
from slackbot.workspaces.lease import Lease

T = TypeVar("T")

DEADLINES = Deadlines()

SHRINK_PAUSES = (0.1, 0.2, 0.4, 0.8, 1.6)
"""Seconds between attempts to leave nothing of what was deleted in the database's log."""

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Deletion:
    """A deletion under way, which begins again after an error: the worker may repair the file."""

    begin: Callable[[], Steps]
    steps: Steps


class SqliteStore(RecordStore):
    """The one thread that touches the file carries out all operations, in their order."""

    def __init__(self, table: SqliteTable, operations: Operations, *, shared: bool = False) -> None:
        """With `shared`, another process may use the file too."""
        self._table = table
        self._shared = shared
        self._records = Records(table)
        self._operations = operations
        self._closed = False

    @classmethod
    async def open(
        cls,
        path: str | Path,
        lock_timeout: float = LOCK_TIMEOUT_SECONDS,
        deadlines: Deadlines = DEADLINES,
        *,
        shared: bool = False,
        create: bool = False,
    ) -> "SqliteStore":
        """Opens the file. Raises StoreError, which says what to do, if that is not possible.

        `lock_timeout` is how many seconds this and every later write waits for another program.
        With `shared`, a running bot may use the file too; if there is no file yet, `create` one.
        """
        opening = partial(open_table, Path(path), lock_timeout, shared=shared, create=create)
        operations = Operations(opening, deadlines)
        return cls(await operations.open(), operations, shared=shared)

    @property
    def failed(self) -> asyncio.Future[LostStoreError]:
        return self._operations.failed

    def owned(
        self,
        lease: Lease,  # noqa: ARG002 - one process uses the file
        holds: Callable[[], bool] = lambda: True,  # noqa: ARG002
    ) -> Self:
        return self

    async def close(self) -> None:
        if not self._closed:
            self._closed = True
            await self._operations.close(self._table.close)

    async def _run(
        self,
        team: TeamId | None,  # noqa: ARG002 - all workspaces share the thread
        work: Callable[[Records], T],
        kind: Kind = "durable",
        *,
        announcement: Announcement | None = None,  # noqa: ARG002 - one process uses the file
    ) -> T:
        durable = kind != "passing"
        return await self._carry_out(
            partial(work, self._records), "durable" if durable else "passing"
        )

    async def _carry_out(self, work: Callable[[], T], kind: WorkerKind) -> T:
        if self._closed:
            raise StoreError(texts.CLOSED)
        try:
            return await self._operations.run(work, kind)
        except (sqlite3.Error, OSError) as error:
            if is_damage(error):
                raise StoreError(texts.DAMAGED) from error
            busy = primary_code(error) == sqlite3.SQLITE_BUSY
            raise StoreError(texts.LOCKED if busy else texts.FAILING) from error
        except LostDraftError as error:
            raise UnreadableDraftError(texts.LOST_DRAFT) from error

    async def forget_team(self, team: TeamId) -> DeletionReport:
        """Also what a repair has set aside: a file belongs to one workspace."""
        await self._remove_earlier_files(math.inf)
        return await super().forget_team(team)

    async def forget_untouched(self, before: float) -> DeletionReport:
        """Also what a repair had set aside by then."""
        await self._remove_earlier_files(before)
        return await super().forget_untouched(before)

    async def earlier_files(self) -> Sequence[Path]:
        return await self._carry_out(lambda: [*earlier_files(self._table.path)], "passing")

    async def _remove_earlier_files(self, before: float) -> None:
        def remove() -> None:
            for file, time_aside in earlier_files(self._table.path).items():
                if time_aside < before:
                    file.unlink(missing_ok=True)
                    log.info("Deleted %s", file)

        await self._carry_out(remove, "passing")

    async def _delete(
        self,
        team: TeamId,  # noqa: ARG002 - as above
        begin: Callable[[DataDeletion], Steps],
    ) -> DeletionReport:
        """Operations of another process come in between too: it gets a third of the time."""
        gone: DeletionReport | None = None
        beginning = partial(begin, self._records.forgetting)
        deletion = _Deletion(beginning, beginning())
        while gone is None:
            began = time.perf_counter()
            gone = await self._carry_out(partial(self._step, deletion), "long")
            if self._shared:
                await asyncio.sleep((time.perf_counter() - began) / 2)
        for pause in SHRINK_PAUSES:
            if await self._carry_out(self._shrink, "long"):
                return gone
            await asyncio.sleep(pause)
        log.warning("Another program reads %s: what was deleted may be in it", self._table.path)
        return gone

    def _step(self, deletion: _Deletion) -> DeletionReport | None:
        """None if there are more steps. It is done once, and the disk is waited for at the end."""
        with self._table.group(durable=False):
            try:
                next(deletion.steps)
            except StopIteration as end:
                report: DeletionReport = end.value
                return report
            except Exception:
                deletion.steps = deletion.begin()  # an error ends a generator
                raise
        return None

    def _shrink(self) -> bool:
        """Returns whether nothing is left of what was deleted."""
        self._table.shrink()
        return not self._table.must_shrink
