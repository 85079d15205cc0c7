"""The thread that uses the table, and carries out operations in the order of their arrival.

Operations that wait at the same time form a group: their transactions become parts of one, so that
one COMMIT, which waits for the disk, is enough for all. If an operation fails, its own part is
undone. A group that fails as a whole is carried out again, one operation at a time.
"""

import asyncio
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import Any, Literal

from slackbot.store.sqlite.errors import is_damage
from slackbot.store.sqlite.table import SqliteTable

GROUP_SIZE = 100
"""How many operations share a COMMIT at most: the first of them waits for the last."""

Kind = Literal["durable", "passing", "long"]
"""`durable` and `passing`: as in `record_store.py`; both survive the end of the process. `long`:
has transactions of its own, outside of any group.
"""


@dataclass(eq=False, slots=True)
class Operation:
    """Work that blocks, and the future that gets its outcome.

    Either the worker claims it, or its caller withdraws it; what was withdrawn has no effect.
    """

    work: Callable[[], Any]
    kind: Kind
    answer: asyncio.Future[Any]
    _once: threading.Lock = field(default_factory=threading.Lock)
    _claimed: bool = False

    def claim(self) -> bool:
        """The worker calls this before COMMIT. Returns false if the operation was withdrawn."""
        self._claimed = self._claimed or self._once.acquire(blocking=False)
        return self._claimed

    @property
    def is_withdrawn(self) -> bool:
        return self._once.locked() and not self._claimed

    def withdraw(self) -> bool:
        """The caller calls this when it stops waiting. Returns false if it is too late."""
        return self._once.acquire(blocking=False)


Outcome = tuple[Operation, Any, BaseException | None]
"""An operation with its value, or its error."""


class GroupError(Exception):
    """A group can't be committed, and its operations can't be told apart."""


class Worker:
    """`answer` is called on the event loop with operations that the thread is done with, and the
    outcomes of those among them that were not withdrawn.
    """

    def __init__(
        self,
        opening: Callable[[], SqliteTable],
        answer: Callable[[Sequence[Operation], Sequence[Outcome]], None],
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._queue: SimpleQueue[Operation | None] = SimpleQueue()
        self._next: Operation | None = None
        self._opening = opening
        self._answer = answer
        self._table: SqliteTable | None = None
        self._groups = 0
        self._is_finished = False
        self.opened: asyncio.Future[SqliteTable] = self._loop.create_future()
        # The interpreter waits for other threads at its end, and this one may be stuck.
        self._thread = threading.Thread(target=self._run, name="store", daemon=True)
        self._thread.start()

    async def open(self) -> SqliteTable:
        """Raises what opening raises. If the caller is cancelled, the file is closed again."""
        try:
            await asyncio.wait((self.opened,))
        except asyncio.CancelledError:
            self.opened.add_done_callback(self._abandon)
            raise
        return self.opened.result()

    @property
    def has_died(self) -> bool:
        """Whether the thread has ended although nobody told it to."""
        return not self._thread.is_alive() and not self._is_finished

    @property
    def progress(self) -> tuple[int, int]:
        """Changes as long as the thread gets on with its work."""
        return self._groups, self._table.statements if self._table is not None else 0

    def submit(self, operation: Operation) -> None:
        self._queue.put(operation)

    def stop(self) -> None:
        """Ends the thread after the operations that were submitted."""
        self._queue.put(None)

    def _run(self) -> None:
        try:
            self._table = self._opening()
        except Exception as error:  # noqa: BLE001 - raised where it is waited for
            self._tell(self._set_opened, None, error)
            return
        self._tell(self._set_opened, self._table, None)
        while group := self._take():
            self._groups += 1
            self._tell(self._answer, group, _outcomes(self._table, group))
        self._is_finished = True

    def _take(self) -> list[Operation]:
        """Waits for operations; returns none at the end."""
        first = self._next or self._queue.get()
        self._next = None
        if first is None or first.kind == "long":
            return [] if first is None else [first]
        group = [first]
        with suppress(Empty):
            while len(group) < GROUP_SIZE:
                operation = self._queue.get_nowait()
                if operation is None or operation.kind == "long":
                    self._next = operation
                    if operation is None:
                        self._queue.put(None)
                    break
                group.append(operation)
        return group

    def _set_opened(self, table: SqliteTable | None, error: Exception | None) -> None:
        if error is not None:
            self.opened.set_exception(error)
        elif table is not None:
            self.opened.set_result(table)

    def _abandon(self, opened: asyncio.Future[SqliteTable]) -> None:
        """Nobody else will close the file."""
        if opened.exception() is None:
            opened.result().close()
        self.stop()

    def _tell(self, callback: Callable[..., None], *values: object) -> None:
        with suppress(RuntimeError):  # the loop has ended, and nobody waits
            self._loop.call_soon_threadsafe(callback, *values)


def _outcomes(table: SqliteTable, group: list[Operation]) -> list[Outcome]:
    """Carries out a group; what meets damage in the file is carried out again in a repaired one."""
    outcomes = _carry_out(table, group)
    damaged = [operation for operation, _, error in outcomes if is_damage(error)]
    if not damaged:
        return outcomes
    intact = [outcome for outcome in outcomes if not is_damage(outcome[2])]
    try:
        return intact + _carry_out(table, damaged) if table.repair() else outcomes
    except Exception as error:  # noqa: BLE001 - raised where it is waited for
        return [*intact, *((operation, None, error) for operation in damaged)]


def _carry_out(table: SqliteTable, group: list[Operation]) -> list[Outcome]:
    group = [each for each in group if not each.is_withdrawn]
    if not group:
        return []
    if group[0].kind == "long":
        return [_attempt(group[0])] if group[0].claim() else []
    try:
        return _carry_out_together(table, group)
    except Exception as error:  # noqa: BLE001 - raised where it is waited for
        if len(group) == 1:
            return [(group[0], None, error)]
    return [outcome for each in group for outcome in _carry_out(table, [each])]


def _carry_out_together(table: SqliteTable, group: Sequence[Operation]) -> list[Outcome]:
    """Raises what went wrong if nothing of it was committed."""
    outcomes = []
    durable = any(each.kind == "durable" for each in group)
    with table.group(durable=durable):
        for operation in group:
            begun = table.in_transaction
            outcomes.append(_attempt(operation))
            if begun and not table.in_transaction:  # SQLite has undone what the others wrote
                raise GroupError
        claimed = [operation.claim() for operation in group]
        if not all(claimed):
            raise GroupError
    return outcomes


def _attempt(operation: Operation) -> Outcome:
    try:
        return operation, operation.work(), None
    except Exception as error:  # noqa: BLE001 - raised where it is waited for
        return operation, None, error
