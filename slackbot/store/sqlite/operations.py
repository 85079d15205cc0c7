"""Operations of the store, as the event loop sees them: each ends in time, successfully or not.

An operation that is not done in time is withdrawn. One whose COMMIT is under way can't be withdrawn
any more, and is waited for. If the disk does not come back, the store has failed for good: every
operation raises that, and `failed` tells it to those who end the process.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

from slackbot.errors import LostStoreError, StoreError
from slackbot.store import texts
from slackbot.store.sqlite.table import SqliteTable
from slackbot.store.sqlite.worker import Kind, Operation, Outcome, Worker

log = logging.getLogger(__name__)

T = TypeVar("T")

CHECKS = 30
"""How many looks at the worker find no progress before it counts as stuck. Looks are counted, and
not seconds, so that a process that was paused finds no fault with its worker."""


CLOSE_AFTER_FAILURE_SECONDS = 1.0
"""How long a worker that has failed gets to close the file."""


@dataclass(frozen=True, slots=True)
class Deadlines:
    operation_seconds: float = 20.0
    """After this, what is not done is withdrawn, and its caller is told."""
    stuck_seconds: float = 60.0
    """A worker that does not finish a statement for so long has failed."""


class Operations:
    def __init__(self, opening: Callable[[], SqliteTable], deadlines: Deadlines) -> None:
        self._worker = Worker(opening, self._answer)
        self._deadlines = deadlines
        self._outstanding: set[Operation] = set()
        self._watching: asyncio.Task[None] | None = None
        self.failed: asyncio.Future[LostStoreError] = asyncio.get_running_loop().create_future()
        """The result is what every operation raises from then on. The log says it by then."""

    async def open(self) -> SqliteTable:
        """Raises what opening raises."""
        table = await self._worker.open()
        self._watching = asyncio.create_task(self._watch())
        return table

    async def run(self, work: Callable[[], T], kind: Kind = "durable") -> T:
        """Returns what the work returns, when it is in the file.

        The work is carried out even if the task that waits for it is cancelled. Raises what it
        raises, and StoreError if it does not end in time; then it has no effect. After a failure,
        raises LostStoreError.
        """
        if self.failed.done():
            raise self._lost()
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[T] = loop.create_future()
        operation = self._submit(work, kind, answer)
        timer = loop.call_later(self._deadlines.operation_seconds, _withdraw, operation)
        try:
            return await answer
        finally:
            timer.cancel()

    async def close(self, work: Callable[[], None]) -> None:
        """Does the last work, after what was asked for before, if the worker can still do it."""
        answer: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._submit(work, "long", answer)
        self._worker.stop()
        failed, seconds = self.failed.done(), self._deadlines.operation_seconds
        await asyncio.wait((answer,), timeout=CLOSE_AFTER_FAILURE_SECONDS if failed else seconds)
        if not answer.cancel():
            if self._watching is not None:  # until now: what is under way has to end too
                self._watching.cancel()
            with suppress(StoreError):
                answer.result()

    def _submit(self, work: Callable[[], T], kind: Kind, answer: asyncio.Future[T]) -> Operation:
        operation = Operation(work, kind, answer)
        self._outstanding.add(operation)
        self._worker.submit(operation)
        return operation

    def _answer(self, done: Sequence[Operation], outcomes: Sequence[Outcome]) -> None:
        for _, _, error in outcomes:
            if isinstance(error, LostStoreError):  # what went with it may be in no file either
                self._fail(error)
        self._outstanding.difference_update(done)
        for operation, value, error in outcomes:
            if operation.answer.done():
                continue
            if error is None:
                operation.answer.set_result(value)
            else:
                operation.answer.set_exception(error)

    async def _watch(self) -> None:
        """Looks whether the worker gets on with its work."""
        seen: Any = None
        idle_looks = 0
        while idle_looks < CHECKS and not self._worker.has_died:
            await asyncio.sleep(self._deadlines.stuck_seconds / CHECKS)
            progress = self._worker.progress
            idle_looks = idle_looks + 1 if self._outstanding and progress == seen else 0
            seen = progress
        text = texts.ENDED if self._worker.has_died else texts.STUCK
        self._fail(LostStoreError(text, text))

    def _fail(self, error: LostStoreError) -> None:
        if self.failed.done():
            return
        log.critical("%s", error.reason)
        self.failed.set_result(error)
        for operation in self._outstanding:
            if not operation.answer.done():
                operation.answer.set_exception(self._lost())

    def _lost(self) -> LostStoreError:
        error = self.failed.result()
        return LostStoreError(error.user_message, error.reason)


def _withdraw(operation: Operation) -> None:
    if not operation.answer.done() and operation.withdraw():
        operation.answer.set_exception(StoreError(texts.SLOW))
