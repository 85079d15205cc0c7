"""Folds a thread's inbox events into the store, in order of arrival."""

import logging
from dataclasses import replace
from functools import partial
from typing import Protocol

from slackbot.conversation import turn_reads
from slackbot.conversation.addressing import is_addressed, wants_answer
from slackbot.conversation.changes import Change, ChangeResult, Deleted, Edited, Rated, Regenerated
from slackbot.conversation.controls import Press
from slackbot.conversation.ids import Ts, UserId
from slackbot.conversation.inbox_events import (
    ButtonPressed,
    MessageDeleted,
    MessageEdited,
    MessageReceived,
    StopRequested,
    StoredEvent,
)
from slackbot.conversation.messages import Message, ThreadKey
from slackbot.errors import LostStoreError
from slackbot.instructions.command_parser import find_command
from slackbot.instructions.settings import EffectiveSettings
from slackbot.turns import texts
from slackbot.turns.session_services import SessionServices
from slackbot.turns.store_retry import until_stored

logger = logging.getLogger(__name__)


class TurnControl(Protocol):
    """The effects of events on the active turn of their thread."""

    async def settle(self) -> None:
        """Waits until an answer that people can already see is stored, within a time limit."""

    @property
    def is_active(self) -> bool:
        """Whether a turn is being taken."""

    def interrupt(self, ts: Ts) -> None:
        """Interrupts the active turn if it answers this message, which has changed."""

    def on_reply_deleted(self, ts: Ts) -> None:
        """Gives the active reply up if this deleted message is part of it."""

    async def stop(self, ts: Ts) -> bool:
        """Stops the unfinished reply that this message is part of; False if there is none."""

    async def stop_any(self, user: UserId) -> None:
        """Stops the active reply, or the person's waiting questions if there is none."""

    def retry(self) -> bool:
        """Tries failed turns again; False if there are none."""


class InboxFolder:
    def __init__(self, thread: ThreadKey, services: SessionServices, control: TurnControl) -> None:
        self._thread = thread
        self._services = services
        self._store = services.store
        self._control = control
        self._unfoldable: set[int] = set()
        """The numbers of events that a bug keeps in the inbox; the next process tries again."""

        self._postponed: set[int] = set()
        """The numbers of events that are folded in once the active turn is over."""

        self._uninvited = False
        """A bot has mentioned this one in the thread, which takes no part in it."""

    async def fold_all(self) -> None:
        """Folds events until the thread's inbox is empty. May raise LostStoreError.

        Edits in a row read together what one turn may.
        """
        turn_reads.begin_turn()
        thread = self._thread
        if not self._control.is_active:
            self._postponed.clear()
        while events := await self._events():
            for stored in events:
                try:
                    await until_stored(thread, partial(self._fold, stored))
                except LostStoreError:
                    raise
                except Exception:  # one event must not block the others
                    logger.exception("An event in %s can't be folded in", thread.channel)
                    self._unfoldable.add(stored.number)

    async def _events(self) -> list[StoredEvent]:
        stored = await until_stored(self._thread, partial(self._store.events, self._thread))
        left_alone = self._unfoldable | self._postponed
        return [each for each in stored if each.number not in left_alone]

    async def _fold(self, stored: StoredEvent) -> None:
        """Folds an event in. May raise StoreError; then the event is folded again."""
        match stored.event:
            case MessageReceived() | MessageEdited() as event:
                await self._fold_message(stored.number, event)
            case MessageDeleted(_, ts):
                self._control.on_reply_deleted(ts)
                await self._control.settle()
                await self._change(stored.number, ts, Deleted(ts))
            case ButtonPressed(press):
                await self._pressed(stored.number, press)
            case StopRequested(_, user):
                await self._control.stop_any(user)
                await self._discard(stored.number)

    async def _fold_message(self, number: int, event: MessageReceived | MessageEdited) -> None:
        """Leaves out a bot's mention that only seemed to bring this bot into the thread, and what
        others said meanwhile.
        """
        senders, through_app = self._services.senders, event.message.author == "app"
        message = await senders.identify(event.message)
        by_bot = through_app and message.author == "bot"
        uninvited = by_bot or (self._uninvited and not is_addressed(message, self._services.me))
        self._uninvited = uninvited and not await self._takes_part()
        if self._uninvited:
            await self._store.discard(self._thread, number, forget=True)
        elif through_app and self._is_command(message):
            await self._discard(number)
            self._services.ephemeral.answer(message, texts.COMMAND_THROUGH_APP)
        elif isinstance(event, MessageEdited):
            await self._edited(number, message)
        elif message.author == "person" and senders.is_endless(message, through_app=through_app):
            await self._received(number, replace(message, author="bot"))
        else:
            await self._received(number, message)

    async def _takes_part(self) -> bool:
        """Whether a message of the thread was received before."""
        if (await self._store.waiting(self._thread)).messages:
            return True
        return (await self._store.load(self._thread)).length > 0

    async def _received(self, number: int, message: Message) -> None:
        settings = await self._settings()
        if settings.answering == "never" and not self._is_command(message):
            await self._store.discard(self._thread, number, forget=True)
            if is_addressed(message, self._services.me):
                has_replies = not message.starts_thread
                self._services.ephemeral.begin(
                    self._thread, message.user, texts.SWITCHED_OFF, has_replies=has_replies
                )
            return
        if message.files:  # the message may be known already, without its files
            await self._control.settle()
        asks = is_addressed(message, self._services.me)
        result = await self._store.receive(self._thread, number, message, asks=asks)
        self._follow(message.ts, result, interrupts=result.changed and not result.received)

    async def _edited(self, number: int, message: Message) -> None:
        services, ts = self._services, message.ts
        is_known = await self._store.knows(self._thread, ts)
        is_earlier = not is_known and await self._is_earlier(message)
        if self._control.is_active and (is_earlier or message.author != "person"):
            self._postponed.add(number)  # the turn may have read it, and goes on
            return
        if is_earlier:
            await self._store.discard(self._thread, number, forget=True)
            return
        if not is_known:
            # Its first version is still to come, or did not concern the bot.
            if message.starts_thread and not is_addressed(message, services.me):
                await self._change(number, ts, Deleted(ts))
            else:
                await self._received(number, message)
            return
        text = await services.transcript.plain_text(message)
        answering = (await self._settings()).answering
        wants = wants_answer(message, services.me, answering) and not self._is_command(message)
        await self._control.settle()
        is_for_bot = is_addressed(message, services.me)
        await self._change(number, ts, Edited(message, text, wants, is_for_bot))

    async def _is_earlier(self, message: Message) -> bool:
        """Whether a message that does not ask the bot is older than all that it has answered, or
        will: then it was said before the bot came.
        """
        if is_addressed(message, self._services.me):
            return False
        waiting = (await self._store.waiting(self._thread)).messages
        turns = (await self._store.load(self._thread)).turns
        known = [said.ts for turn in turns if turn.answer for said in turn.messages]
        known += [each.message.ts for each in waiting]
        return bool(known) and message.ts < min(known)

    async def _pressed(self, number: int, press: Press) -> None:
        match press.button:
            case "stop":
                told = "" if await self._control.stop(press.ts) else texts.ALREADY_FINISHED
                await self._discard(number)
            case "confirm" | "decline" as said:
                decision = self._decide(press, yes=said == "confirm")
                await self._discard(number)
                self._services.background.begin(decision)
                told = ""
            case "again":
                told = await self._regenerate(number, press)
            case rating:
                told = await self._rate(number, Rated(press.ts, press.user, rating))
        if told:
            self._tell(press.user, told)

    async def _decide(self, press: Press, *, yes: bool) -> None:
        told = await self._services.approvals.decide(press, yes=yes)
        if told:
            self._tell(press.user, told)

    async def _regenerate(self, number: int, press: Press) -> str:
        if (await self._settings()).answering == "never":
            await self._discard(number)
            return texts.SWITCHED_OFF
        await self._control.settle()
        asker = await self._asker(press.ts)
        if refusal := await self._services.regeneration.refusal(press, asker):
            await self._discard(number)
            return refusal
        retried = self._control.retry()
        change = Regenerated(press.ts, press.user)
        result = await self._change_answer(number, press.ts, change)
        return "" if retried or (result is not None and result.again) else texts.UNKNOWN_ANSWER

    async def _asker(self, ts: Ts) -> UserId:
        """Returns the person whom a message of the bot answers, or whom it tells of a failure;
        empty if that is not known.
        """
        turn = await self._store.turn_of(self._thread, ts)
        if turn is not None:
            return turn.asker if ts in turn.reply_ts else UserId("")
        waiting = (await self._store.waiting(self._thread)).messages
        asked = [each for each in waiting if ts in each.reply_ts]
        return asked[0].message.user if asked else UserId("")

    async def _rate(self, number: int, rated: Rated) -> str:
        await self._control.settle()
        known = await self._change_answer(number, rated.ts, rated) is not None
        counted = await self._store.feedback(self._thread.team)
        logger.info("Answers rated so far: %(good)d good, %(bad)d bad", counted)
        return texts.THANKS if known else texts.UNKNOWN_ANSWER

    async def _change_answer(self, number: int, ts: Ts, change: Change) -> ChangeResult | None:
        """Applies a change to an answer. Discards the event and returns None if it is unknown."""
        if await self._store.knows(self._thread, ts):
            return await self._change(number, ts, change)
        await self._store.discard(self._thread, number, forget=True)
        return None

    async def _change(self, number: int, ts: Ts, change: Change) -> ChangeResult | None:
        result = await self._store.fold(self._thread, number, ts, change)
        if result is not None:
            interrupts = isinstance(change, Edited | Deleted) and result.changed
            self._follow(ts, result, interrupts=interrupts)
        return result

    def _follow(self, ts: Ts, result: ChangeResult, *, interrupts: bool) -> None:
        """Interrupts the active turn, or retries failed ones, as a change requires."""
        if interrupts:
            self._control.interrupt(ts)
        if result.again or (result.waiting and not result.received):
            self._control.retry()

    async def _discard(self, number: int) -> None:
        await self._store.discard(self._thread, number)

    async def _settings(self) -> EffectiveSettings:
        return await self._services.settings.effective_settings(self._thread)

    def _is_command(self, message: Message) -> bool:
        return find_command(message, self._services.me) is not None

    def _tell(self, user: UserId, sentence: str) -> None:
        self._services.ephemeral.remind(self._thread, user, sentence)
