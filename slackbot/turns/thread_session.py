"""The session of one thread: the only place that knows the thread's state.

A session folds the thread's inbox events into the store in order of arrival, chooses the next turn
and takes it, and continues to fold events meanwhile. It becomes idle when no work is left.
docs/architecture.md draws its states.
"""

import asyncio
import logging
from collections.abc import Callable
from typing import Literal

from slackbot.background import note_outcome
from slackbot.conversation.ids import Ts, UserId
from slackbot.conversation.messages import ThreadKey
from slackbot.errors import LostStoreError
from slackbot.turns.active_turn import ActiveTurn
from slackbot.turns.inbox_folder import InboxFolder
from slackbot.turns.session_services import SessionServices
from slackbot.turns.store_retry import until_stored
from slackbot.turns.turn_chooser import TurnChooser, TurnMemory
from slackbot.turns.turn_runner import Outcome

logger = logging.getLogger(__name__)

SETTLE_SECONDS = 2.0
"""How long an event waits until an answer that people can already see is stored."""

SessionState = Literal["idle", "choosing", "waiting", "answering", "stopping", "closing"]


class ThreadSession:
    def __init__(self, thread: ThreadKey, services: SessionServices) -> None:
        self.thread = thread
        self._services = services
        self._memory = TurnMemory()
        self._chooser = TurnChooser(thread, services, self._memory)
        self._folder = InboxFolder(thread, services, self)
        self._arrived = asyncio.Event()
        """An event was appended to the thread's inbox."""
        self._closing = False
        self.task: asyncio.Task[None] | None = None
        """Runs while the session is awake."""
        self._active: ActiveTurn | None = None
        self._turn: asyncio.Task[Outcome] | None = None

    @property
    def state(self) -> SessionState:
        if not self.is_awake:
            return "idle"
        if self._closing:
            return "closing"
        if self._active is None:
            return "choosing"
        if self._active.is_stopping:
            return "stopping"
        begun = self._active.reply is not None or self._active.location.ended
        return "answering" if begun else "waiting"

    @property
    def is_awake(self) -> bool:
        return self.task is not None and not self.task.done()

    @property
    def is_ending(self) -> bool:
        """Whether the model has finished an answer that is not stored yet."""
        return self.is_awake and self._active is not None and self._active.location.ended

    @property
    def is_forgettable(self) -> bool:
        """Whether the session can be dropped from memory: a new one would behave the same."""
        return not (self.is_awake or self._memory.given_up)

    def wake(self, on_idle: Callable[["ThreadSession"], None]) -> None:
        """Notes that work waits in the thread; `on_idle` is called when the session is done."""
        self._arrived.set()
        if not (self.is_awake or self._closing):
            self.task = asyncio.create_task(self._run())
            self.task.add_done_callback(lambda _: on_idle(self))

    def close(self) -> None:
        """Lets the session begin no further turn."""
        self._closing = True

    def abandon(self) -> None:
        """Cancels the active turn, after its running call to Slack has completed."""
        self._closing = True
        if self.task is not None:
            self.task.cancel()

    def abandon_call(self) -> None:
        """Cancels that call too: the next process finds out its outcome."""
        if self._active is not None and self._active.reply is not None:
            self._active.reply.abandon()

    async def _run(self) -> None:
        try:
            while not self._closing:
                self._arrived.clear()
                await self._folder.fold_all()
                active = await self._chooser.choose()
                if active is not None and not self._closing:
                    await self._take(active)
                elif not self._arrived.is_set():
                    return
        except LostStoreError:  # the log says it, and the next process continues
            self._closing = True
        except Exception:  # a bug must be logged
            logger.exception("The session of a thread in %s failed", self.thread.channel)
        finally:
            self._chooser.release_place()

    async def _take(self, active: ActiveTurn) -> None:
        """Takes a turn, and folds in the events that arrive meanwhile."""
        active.is_stopping = active.location.stopped
        self._active = active
        turn = self._turn = asyncio.create_task(self._services.runner.run(active))
        turn.add_done_callback(note_outcome)  # this session may be cancelled twice meanwhile
        try:
            while not turn.done():
                await self._until_arrival_or(turn)
                if self._arrived.is_set():
                    self._arrived.clear()
                    await self._folder.fold_all()
                    if active.is_paused:
                        self._interrupt()
        finally:
            if not turn.done():
                turn.cancel()
                await asyncio.wait({turn})
            self._active = self._turn = None
        if turn.cancelled():
            return  # its messages have changed: the next turn is chosen again
        outcome = turn.result()
        if outcome == "changed" or (outcome == "failed" and active.is_outdated):
            return  # it is taken again
        if outcome == "failed":
            self._memory.given_up.update({active.turn.key, *active.turn.asked})
        self._chooser.release_place()

    async def _until_arrival_or(self, turn: asyncio.Task[Outcome]) -> None:
        arrival = asyncio.create_task(self._arrived.wait())
        try:
            await asyncio.wait({arrival, turn}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            arrival.cancel()

    # TurnControl: the effects of events on the active turn.

    async def settle(self) -> None:
        if self._active is not None and self._active.location.ended and self._turn is not None:
            await asyncio.wait({self._turn}, timeout=SETTLE_SECONDS)

    @property
    def is_active(self) -> bool:
        return self._active is not None

    def interrupt(self, ts: Ts) -> None:
        if self._active is not None and self._active.concerns(ts):
            self._active.is_outdated = True
            self._services.runner.note_change(self._active)
            self._interrupt()

    def on_reply_deleted(self, ts: Ts) -> None:
        if self._active is None:
            return
        if self._active.reply is not None:
            self._active.reply.on_deletion(ts)
        else:  # it is written by an earlier attempt, and this one has not begun to write
            location = self._active.location
            location.messages = tuple(each for each in location.messages if each != ts)

    async def stop(self, ts: Ts) -> bool:
        active = self._active
        if active is not None and active.has_message(ts):
            return self._stop(active)
        return await self._chooser.stop(ts)

    async def stop_any(self, user: UserId) -> None:
        if self._active is not None:
            self._stop(self._active)
            return
        store, thread = self._services.store, self.thread
        work = await until_stored(thread, lambda: store.waiting(thread))
        waiting = [each for each in work.messages if each.message.ts not in self._memory.given_up]
        users = {each.message.user for each in waiting}
        meant = user if user in users or not waiting else waiting[0].message.user
        self._memory.stopped |= {each.message.ts for each in waiting if each.message.user == meant}

    def retry(self) -> bool:
        given_up = bool(self._memory.given_up)
        self._memory.given_up.clear()
        if self._active is not None:
            self._active.is_outdated = True
        self._arrived.set()
        return given_up

    def _stop(self, active: ActiveTurn) -> bool:
        """Stops a turn. If its reply has not begun, or will begin again, as the question has
        changed, it is taken again to show that.
        """
        is_interrupted = self._turn is not None and self._turn.cancelling() > 0
        if active.reply is not None and not is_interrupted:
            active.is_stopping = active.reply.stop()
            return active.is_stopping
        if not active.turn.wants_answer or (active.location.ended and not is_interrupted):
            return False
        active.is_stopping = True
        self._memory.stopped.update(active.turn.asked)
        self._interrupt()
        return True

    def _interrupt(self) -> None:
        if self._turn is not None:
            self._turn.cancel()
