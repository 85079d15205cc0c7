"""Takes one turn: waits for a slot, answers, and stores the turn."""

import asyncio
import logging
from collections.abc import AsyncIterator, Collection
from contextlib import AbstractAsyncContextManager, nullcontext, suppress
from typing import Literal

from slackbot.conversation import turn_reads
from slackbot.conversation.draft import Draft
from slackbot.conversation.ids import Ts, UserId
from slackbot.conversation.messages import ThreadKey
from slackbot.delivery.active_replies import ActiveReplies
from slackbot.delivery.message_writer import MESSAGE_NOT_FOUND
from slackbot.delivery.speech import Speech
from slackbot.delivery.status import ThreadStatus
from slackbot.errors import (
    UNEXPECTED,
    DeliveryError,
    LostStoreError,
    RevokedError,
    SlackbotError,
    StoreError,
)
from slackbot.instructions import texts as instructions_texts
from slackbot.instructions.settings import EffectiveSettings
from slackbot.turns.active_turn import ActiveTurn
from slackbot.turns.agent import Agent
from slackbot.turns.answer_request import AnswerRequest
from slackbot.turns.fair_semaphore import FairSemaphore
from slackbot.turns.restart_pacer import RestartPacer
from slackbot.turns.store_retry import until_stored
from slackbot.turns.transcript import Transcript
from slackbot.turns.turn_slot import TurnSlot

logger = logging.getLogger(__name__)

Outcome = Literal["stored", "changed", "failed"]
"""The turn was stored; or its messages changed, so it must be taken again; or it failed, and is
tried again only when somebody asks."""


class TurnRunner:
    def __init__(
        self,
        *,
        transcript: Transcript,
        replies: ActiveReplies,
        semaphore: FairSemaphore,
        agent: Agent,
        speech: Speech,
        restarts: RestartPacer | None = None,
    ) -> None:
        self._transcript = transcript
        self._replies = replies
        self._semaphore = semaphore
        self._agent = agent
        self._speech = speech
        self._restarts = restarts or RestartPacer()
        self._closed = asyncio.Event()
        self._revocations: set[str] = set()
        """The codes with which Slack refused the token, each logged once."""

    async def run(self, active: ActiveTurn) -> Outcome:
        """Takes a turn, in its own task. If it fails, the person who asked gets one sentence.

        Raises LostStoreError without one: another process takes the turn.
        """
        turn_reads.begin_turn()
        turn, thread = active.turn, active.turn.thread
        try:
            draft = await self._take(active)
            if not await until_stored(thread, turn.commit):
                return "changed"
        except RevokedError as err:
            if err.code not in self._revocations:
                self._revocations.add(err.code)
                logger.critical(
                    "Slack refuses the bot's token for the workspace %s (%s): install the app "
                    "there again",
                    thread.team,
                    err.code,
                )
            return "failed"
        except LostStoreError:
            raise
        except StoreError as err:
            logger.warning("A turn in %s failed: %s", thread.channel, err.user_message)
            return await self._fail(active, err.user_message)
        except Exception:  # a bug must be logged
            logger.exception("A turn in %s failed", thread.channel)
            return await self._fail(active, UNEXPECTED)
        if draft is not None and draft.aloud:
            self._speech.begin(thread, draft)
        return "stored"

    def give_up(self, active: ActiveTurn) -> None:
        """Leaves the line, or returns the slot: the turn is not taken again."""
        if active.place is not None:
            self._semaphore.give_up(active.place)
            active.place = None

    def close(self) -> None:
        """Cancels turns that wait for a slot, now or later."""
        self._closed.set()
        self._semaphore.close()

    async def _take(self, active: ActiveTurn) -> Draft | None:
        turn, location = active.turn, active.location
        if turn.asked and turn.wants_answer:
            status = self._replies.status(location)
            if active.needs_slot:
                await self._pause(active)
            slot = self._slot(active, status) if active.needs_slot else nullcontext()
            async with slot, status.thinking():
                await turn.begin(self._transcript)
                if active.needs_slot:
                    self._restarts.begin(turn.thread, turn.requester, turn.asked, _now())
                return await self._answer(active, status)
        if location.has_begun:
            await self._erase(active)
        await turn.begin(self._transcript)
        return None

    async def _pause(self, active: ActiveTurn) -> None:
        """Waits where people have changed the question again and again; nobody waits for that."""
        turn = active.turn
        delay = self.delay(turn.thread, turn.requester, turn.asked)
        if delay:
            self.give_up(active)
            active.is_paused = True
            async with self._replies.status(active.location).thinking():
                with suppress(TimeoutError):
                    async with asyncio.timeout(delay):
                        await self._closed.wait()
            active.is_paused = False

    def delay(self, thread: ThreadKey, requester: UserId, asked: Collection[Ts]) -> float:
        """How many seconds these messages wait, as their author changes them again and again."""
        return self._restarts.delay(thread, requester, asked, _now())

    def note_change(self, active: ActiveTurn) -> None:
        """Notes that people changed what is being answered."""
        if active.reply is not None:
            self._restarts.withdraw(active.turn.thread, active.turn.requester)

    def _slot(self, active: ActiveTurn, status: ThreadStatus) -> AbstractAsyncContextManager[None]:
        """Waits for a slot at the place that the turn's messages have in line, or at a new one."""
        place = active.place = active.place or self._semaphore.reserve(active.turn.slot)
        return self._semaphore.acquire(place, waiting=status.show_queue_position)

    async def _answer(self, active: ActiveTurn, status: ThreadStatus) -> Draft | None:
        turn, location = active.turn, active.location
        request = AnswerRequest(
            turn.conversation, turn.caller, active.settings, turn.thread, turn.kept
        )
        sentence = turn.sentence or _refusal(active.settings)
        slot = TurnSlot(self._semaphore, active.place)
        drafts = _failing(sentence) if sentence else self._agent.answer(request, turn.keep, slot)
        try:
            draft = await self._write(active, drafts, status)
        except RevokedError:
            raise
        except DeliveryError as err:  # the answer can't be shown, so the turn is stored without one
            logger.warning("No reply in %s: %s", turn.thread.channel, err.code)
            if err.code == MESSAGE_NOT_FOUND:
                if location.has_begun:  # the rest of an answer that lost one message goes
                    await self._erase(active)
                location.messages = ()
            turn.give_up(active.draft, location.messages)
            return None
        if draft is None:  # it was stopped before it began
            turn.give_up(None, location.messages)
        else:
            turn.finish(draft, location.messages)
        return draft

    async def _write(
        self,
        active: ActiveTurn,
        drafts: AsyncIterator[Draft],
        status: ThreadStatus | None = None,
    ) -> Draft | None:
        with self._replies.writing(active.location, status) as reply:
            active.reply = reply
            try:
                return await reply.write(drafts)
            finally:
                active.draft, active.reply = reply.result, None

    async def _erase(self, active: ActiveTurn) -> None:
        """Deletes the messages of a reply that is no longer wanted."""
        turn, thread = active.turn, active.turn.thread
        with self._replies.writing(active.location) as reply:
            active.reply = reply
            try:
                await reply.erase()
            except RevokedError:
                raise  # a later process deletes them
            except DeliveryError as err:
                logger.warning("A reply in %s could not be deleted: %s", thread.channel, err.code)
            finally:
                active.reply = None
        await until_stored(thread, lambda: turn.record((), None))

    async def _fail(self, active: ActiveTurn, sentence: str) -> Literal["failed"]:
        """Shows one sentence instead of an answer, if Slack accepts it."""
        if not active.turn.wants_answer:
            return "failed"
        try:
            await self._write(active, _failing(sentence))
        except DeliveryError as err:
            channel = active.turn.thread.channel
            logger.warning("No sentence about a failure in %s: %s", channel, err.code)
        return "failed"


def _now() -> float:
    return asyncio.get_running_loop().time()


def _refusal(settings: EffectiveSettings) -> str:
    """The sentence instead of an answer where the instructions can't be read; or nothing."""
    unreadable = settings.unreadable
    return "" if unreadable is None else instructions_texts.unreadable_here(unreadable.scope)


async def _failing(sentence: str) -> AsyncIterator[Draft]:
    """Yields nothing, and fails with this sentence."""
    raise SlackbotError(sentence)
    yield
