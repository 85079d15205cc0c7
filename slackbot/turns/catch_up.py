"""Catches up with what people wrote while the store failed.

An event that can't be stored is not acknowledged, and Slack sends it only three more times within
some minutes: https://docs.slack.dev/apis/events-api#error-handling. An outage may last longer, and
a platform may pass nothing on to a bot that is not ready. So the events are kept in memory, and
when the store works again, Slack is asked once for what was written since the first of them.
"""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from itertools import count
from typing import NamedTuple, Protocol

from slackbot.background import BackgroundTasks
from slackbot.backoff import pause
from slackbot.conversation.addressing import is_addressed
from slackbot.conversation.ids import ChannelId, TeamId, Ts, UserId
from slackbot.conversation.inbox_events import (
    ButtonPressed,
    InboxEvent,
    MessageEdited,
    MessageReceived,
    StopRequested,
)
from slackbot.conversation.messages import Message, ThreadKey
from slackbot.delivery.ephemeral import EphemeralMessages
from slackbot.errors import DeliveryError, SlackError, StoreError, UnknownRefusalError
from slackbot.turns import texts
from slackbot.turns.bot import Bot
from slackbot.turns.store import Store

logger = logging.getLogger(__name__)

LONGEST_PAUSE_SECONDS = 3.0
"""Between two checks of the store: people wait."""

MAX_READS = 20
"""How often a place is tried that Slack refuses with an unknown code, which may pass: for minutes.
An outage of Slack's is waited for.
"""

MAX_KEPT_EVENTS = 1_000
"""Later ones are found in Slack's history, except for edits and deletions."""


class MissedPlace(NamedTuple):
    """Where messages were missed: in a thread, or at the top level of a channel."""

    channel: ChannelId
    thread: ThreadKey | None


class MessageSource(Protocol):
    async def since(self, place: MissedPlace, oldest: Ts) -> Sequence[Message]:
        """Returns the messages from the ts `oldest` on, oldest first. Raises SlackError."""


class CheckedStore(Store, Protocol):
    async def check(self) -> None:
        """Raises StoreError if the store takes no writes."""


class CatchUp:
    """Passes events on to the bot, and takes care of those that can't be stored."""

    def __init__(
        self,
        bot: Bot,
        me: UserId,
        store: CheckedStore,
        source: MessageSource,
        ephemeral: EphemeralMessages,
    ) -> None:
        """`me` is the bot's own user ID."""
        self._bot = bot
        self._me = me
        self._store = store
        self._source = source
        self._ephemeral = ephemeral
        self._events: dict[tuple[ThreadKey, str], InboxEvent] = {}
        """What could not be stored, in order of arrival, by its identity."""
        self._places: dict[MissedPlace, Ts] = {}
        """The oldest message that could not be stored in each place."""
        self._failed_reads: dict[MissedPlace, int] = {}
        self._told: set[UserId] = set()
        """Who knows of this outage."""
        self._recovering = False
        self._tasks = BackgroundTasks()

    async def on_event(self, event: InboxEvent) -> None:
        """Returns when the event is stored, or does not concern the bot. Raises StoreError."""
        try:
            await self._bot.on_event(event)
        except StoreError:
            self._keep(event)
            self._tell(event)
            if not self._recovering:
                self._recovering = True
                self._tasks.begin(self._recover())
            raise

    @property
    def is_recovering(self) -> bool:
        """Whether it keeps anything that would be lost with it."""
        return self._recovering

    async def on_uninstall(self, team: TeamId) -> None:
        await self._bot.on_uninstall(team)

    async def close(self) -> None:
        await self._tasks.close()

    def _keep(self, event: InboxEvent) -> None:
        """Keeps an event until it can be stored. A button can be pressed again."""
        if isinstance(event, ButtonPressed | StopRequested):
            return
        self._keep_event(event)
        if isinstance(event, MessageReceived):
            message, thread = event.message, event.thread
            place = MissedPlace(thread.channel, None if message.starts_thread else thread)
            self._places[place] = min(message.ts, self._places.get(place, message.ts))

    def _keep_event(self, event: InboxEvent) -> None:
        if len(self._events) < MAX_KEPT_EVENTS:
            self._events.setdefault((event.thread, event.identity), event)

    def _tell(self, event: InboxEvent) -> None:
        """Tells people who want something of the bot, each once in an outage."""
        match event:
            case MessageReceived(message) | MessageEdited(message) if is_addressed(
                message, self._me
            ):
                if message.user not in self._told:
                    self._told.add(message.user)
                    self._ephemeral.answer(message, texts.CANT_STORE)
            case ButtonPressed(press) if press.user not in self._told:
                self._told.add(press.user)
                self._ephemeral.begin(press.thread, press.user, texts.CANT_STORE_PRESS)

    async def _recover(self) -> None:
        """Runs until everything that was missed is stored."""
        logger.error("Events can't be stored: people are told, and Slack will be asked for them")
        try:
            for failures in count(1):
                await asyncio.sleep(self._pause(failures))
                if await self._has_caught_up():
                    break
            logger.warning("The store works again, and what was missed is in it")
        finally:
            self._told.clear()
            self._recovering = False

    def _pause(self, failures: int) -> float:
        """Seconds until the next try: soon if it asks the store alone."""
        if self._failed_reads and not self._events:
            return pause(max(self._failed_reads.values()))
        return min(pause(failures), LONGEST_PAUSE_SECONDS)

    async def _has_caught_up(self) -> bool:
        """Tries to; false if it has to be tried again."""
        try:
            await self._store.check()
            await self._store_kept()
            await self._read_history()
        except StoreError:
            return False
        return not (self._events or self._places)

    async def _store_kept(self) -> None:
        """Stores what was kept, in order of arrival. One that fails does not hold up the rest: its
        thread may be damaged.
        """
        for key, event in [*self._events.items()]:
            with suppress(StoreError):
                await self._bot.on_event(event)
                del self._events[key]

    async def _read_history(self) -> None:
        """Reads every place. One that fails does not hold up the rest, and is tried again."""
        for place, oldest in [*self._places.items()]:
            try:
                if place.thread is None or await self._is_ours(place.thread):
                    for message in await self._messages(place, oldest):
                        await self._store_message(message)
            except SlackError as err:
                if not self._gives_up(place, err):
                    continue
            self._failed_reads.pop(place, None)
            if self._places[place] == oldest:
                del self._places[place]

    def _gives_up(self, place: MissedPlace, err: SlackError) -> bool:
        """Notes that a place could not be read; true if that has happened too often."""
        self._failed_reads[place] = failures = self._failed_reads.get(place, 0) + 1
        logger.warning("What was missed can't be read from Slack now: %s", err.user_message)
        if failures < MAX_READS or not isinstance(err, UnknownRefusalError):
            return False
        logger.error("What was missed in %s is given up: %s", place.channel, err.code)
        return True

    async def _store_message(self, message: Message) -> None:
        event = MessageReceived(message)
        try:
            await self._bot.on_event(event)
        except StoreError:
            self._keep_event(event)

    async def _messages(self, place: MissedPlace, oldest: Ts) -> Sequence[Message]:
        try:
            return await self._source.since(place, oldest)
        except DeliveryError as err:  # such as a channel that the bot has left
            logger.warning("Messages in %s can't be caught up with: %s", place.channel, err.code)
            return ()

    async def _is_ours(self, thread: ThreadKey) -> bool:
        """Whether the bot is in a thread; all that was kept of it is stored by now."""
        if await self._store.events(thread) or (await self._store.waiting(thread)).messages:
            return True
        return (await self._store.load(thread)).length > 0
