"""The messages of one reply, with their writers: recorded, and found again after a restart."""

import asyncio
import logging
from collections.abc import Callable, Mapping

from slackbot.conversation.ids import Ts
from slackbot.delivery.agent_sessions import AgentSessions
from slackbot.delivery.message_writer import MessageWriter, Style
from slackbot.delivery.reply_location import ReplyLocation
from slackbot.delivery.reply_transport import ReplyMessageId, ReplyTransport
from slackbot.errors import DeliveryError, RateLimitedError, StoreError, UnknownRefusalError

logger = logging.getLogger(__name__)


class ReplyMessages:
    def __init__(
        self,
        transport: ReplyTransport,
        sessions: AgentSessions,
        location: ReplyLocation,
        may_stream: Callable[[], bool],
    ) -> None:
        """`may_stream` says whether the next message may grow as a stream."""
        self._transport = transport
        self._sessions = sessions
        self._location = location
        self._may_stream = may_stream
        self._style: Style = "full"
        self._writers: list[MessageWriter] = []
        self.replaced: list[MessageWriter] = []
        """Messages that can't be changed any more, and are to be deleted."""
        self._use(location.messages)

    def __len__(self) -> int:
        return len(self._writers)

    def __contains__(self, ts: Ts) -> bool:
        return any(ts == each.ts for each in (*self._writers, *self.replaced))

    def needs(self, ts: Ts) -> bool:
        """Returns whether it is one of the messages, and not being deleted by the reply itself."""
        return any(ts == each.ts and not each.is_being_deleted for each in self._writers)

    @property
    def has_written(self) -> bool:
        """Whether this attempt has shown something in a message."""
        return any(each.has_written for each in self._writers)

    @property
    def style(self) -> Style:
        """How all messages are shown."""
        return self._style

    def restyle(self, style: Style) -> None:
        self._style = style
        for each in self._writers:
            each.style = style

    def replace(self, writer: MessageWriter) -> None:
        """Gives a message that can't be changed any more a successor. It is deleted afterwards."""
        self._writers[self._writers.index(writer)] = self._new_writer(writer.number)
        self.replaced.append(writer)

    def writer(self, number: int) -> MessageWriter:
        """Returns the writer of a message, or of the next one if there are so many."""
        if number == len(self._writers):
            self._add()
        return self._writers[number]

    async def find(self) -> None:
        """Finds the messages that an earlier run posted, including those that it did not record.

        After a 429 it waits, and the location stays `resumed`. May raise UnreachableError.
        """
        location = self._location
        found: Mapping[int, Ts] = {}
        others: list[Ts] = []
        try:
            # The earlier run may have begun a stream, whatever the mode of this one.
            found = await self._transport.find_messages(
                location.thread, location.key, include_open_stream=not location.editing
            )
            for key in location.earlier_keys:
                posted = await self._transport.find_messages(
                    location.thread, key, include_open_stream=False
                )
                others += posted.values()
        except RateLimitedError as err:
            await asyncio.sleep(err.retry_after)
            return
        except (DeliveryError, UnknownRefusalError) as err:  # continue with the recorded messages
            logger.warning("No look for messages in %s: %s", location.thread.channel, err.code)
        known = {**dict(enumerate(location.messages)), **found}
        messages = [*(known[number] for number in sorted(known)), *others]
        self._use(tuple(dict.fromkeys(messages)))
        location.resumed = False

    async def record(self) -> None:
        """Stores which messages there are, if that has changed."""
        writers = (*self._writers, *self.replaced)
        messages = tuple(writer.ts for writer in writers if writer.ts is not None)
        if messages != self._location.messages:
            self._location.messages = messages
            try:
                await self._location.record(messages)
            except StoreError:  # only needed after a crash: the answer goes on
                channel = self._location.thread.channel
                logger.exception("A reply's place in %s could not be stored", channel)

    def _use(self, messages: tuple[Ts, ...]) -> None:
        """Makes these messages those of the reply."""
        self._location.messages = messages
        self._writers.clear()
        for ts in messages:
            self._add(ts)

    def _add(self, ts: Ts | None = None) -> None:
        self._writers.append(self._new_writer(len(self._writers), ts))

    def _new_writer(self, number: int, ts: Ts | None = None) -> MessageWriter:
        writer = MessageWriter(
            self._transport,
            self._sessions,
            self._location.thread,
            ReplyMessageId(self._location.key, number),
            ts=ts,
            recipient=self._location.recipient if self._may_stream() else None,
        )
        writer.style = self._style
        return writer
