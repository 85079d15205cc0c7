"""The sessions of a workspace's threads: wakes, awaits and closes them."""

import asyncio
from collections.abc import Sequence

from slackbot.conversation.messages import ThreadKey
from slackbot.turns.session_services import SessionServices
from slackbot.turns.thread_session import ThreadSession

ENDING_SECONDS = 2.0
"""How long an answer that the model has finished may take to be shown and stored after the grace
period: another process would ask the model for it again.
"""

CLOSE_SECONDS = 3.0
"""How long running calls to Slack may take after the grace period."""

WOKEN_TOGETHER = 5
SECONDS_BETWEEN_WAKES = 0.02
"""A start may find 1,000 unfinished threads, and the event loop must not stand still for them."""


class ThreadSessions:
    def __init__(self, services: SessionServices) -> None:
        self._services = services
        self._sessions: dict[ThreadKey, ThreadSession] = {}
        self._awake: set[ThreadSession] = set()
        self._waking: set[asyncio.Task[None]] = set()
        self._closing = False

    @property
    def busy(self) -> int:
        """The number of tasks: each thread that is awake has one."""
        return len(self._tasks())

    def wake(self, thread: ThreadKey) -> None:
        """Wakes the session of a thread."""
        if self._closing:
            return
        session = self._sessions.get(thread)
        if session is None:
            session = ThreadSession(thread, self._services)
            self._sessions[thread] = session
        self._awake.add(session)
        session.wake(self._on_idle)

    def wake_gradually(self, threads: Sequence[ThreadKey]) -> None:
        """Wakes the sessions of many threads, in this order: a few at once, the rest over time."""
        for thread in threads[:WOKEN_TOGETHER]:  # before anybody else wakes a later one
            self.wake(thread)
        rest = threads[WOKEN_TOGETHER:]
        self._waking.add(task := asyncio.create_task(self._wake_gradually(rest)))
        task.add_done_callback(self._waking.discard)

    async def idle(self) -> None:
        """Returns when no thread is awake."""
        while tasks := self._tasks():
            await asyncio.wait(tasks)

    async def close(self, grace: float) -> None:
        """Begins no new turn, gives running turns `grace` seconds, then abandons the rest: those
        that the model has finished a moment later.
        """
        self._closing = True
        self._services.runner.close()
        for session in self._awake:
            session.close()
        try:
            await self._end_in_order(grace)
        except asyncio.CancelledError:  # the lease is over: nothing is waited for any more
            self.abandon()
            self.abandon_calls()
            raise
        finally:
            await asyncio.gather(*self._tasks(), return_exceptions=True)
            await self._services.ephemeral.close()
            await self._services.background.close()

    async def end(self) -> None:
        """Abandons running turns; returns when nothing of them goes on."""
        self.abandon()
        await self._until_ended(CLOSE_SECONDS)
        self._abandon_calls()
        await asyncio.gather(*self._tasks(), return_exceptions=True)

    def abandon(self) -> None:
        """Cancels running turns, after their running calls to Slack have completed."""
        self._closing = True
        for waking in self._waking:
            waking.cancel()
        for session in self._awake:
            session.abandon()

    def abandon_calls(self) -> None:
        """Cancels those calls too, and what people are told in the background."""
        self._abandon_calls()
        self._services.ephemeral.abandon()
        self._services.background.abandon()

    def _abandon_calls(self) -> None:
        for session in self._awake:
            session.abandon_call()

    async def _end_in_order(self, grace: float) -> None:
        await self._until_ended(grace)
        if ending := [each.task for each in self._awake if each.is_ending and each.task]:
            await asyncio.wait(ending, timeout=ENDING_SECONDS)
        await self.end()

    async def _until_ended(self, timeout: float) -> None:  # noqa: ASYNC109 - it raises no error
        if tasks := self._tasks():
            await asyncio.wait(tasks, timeout=timeout)

    async def _wake_gradually(self, threads: Sequence[ThreadKey]) -> None:
        for first in range(0, len(threads), WOKEN_TOGETHER):
            await asyncio.sleep(SECONDS_BETWEEN_WAKES)
            for thread in threads[first : first + WOKEN_TOGETHER]:
                self.wake(thread)

    def _tasks(self) -> list[asyncio.Task[None]]:
        tasks = [*self._waking, *(session.task for session in self._awake)]
        return [task for task in tasks if task is not None and not task.done()]

    def _on_idle(self, session: ThreadSession) -> None:
        if not session.is_awake:
            self._awake.discard(session)
            if session.is_forgettable:
                self._sessions.pop(session.thread, None)
