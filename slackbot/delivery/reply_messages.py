"""The messages of one reply, with their writers: recorded, and found again after a restart.

A post is recorded before it is made, and its ts afterwards. So after a restart, or a call without
an answer, Slack is asked only where a post was recorded whose ts is not known, and only for what
is newer than that record: everything else needs no look.
"""

import logging
from collections.abc import Callable, Sequence

from slackbot.conversation.ids import Ts
from slackbot.conversation.post_intent import PostIntent, StreamBeginning
from slackbot.delivery.agent_sessions import AgentSessions
from slackbot.delivery.call_budgets import Method
from slackbot.delivery.message_writer import MessageWriter, Style
from slackbot.delivery.page import Page
from slackbot.delivery.reply_location import ReplyLocation
from slackbot.delivery.reply_transport import FoundMessage, ReplyMessageId, ReplyTransport
from slackbot.errors import (
    DeliveryError,
    LostStoreError,
    RateLimitedError,
    StoreError,
    UnknownRefusalError,
    UnreachableError,
)

logger = logging.getLogger(__name__)

MAX_LOOKS = 5
"""How often Slack is asked for a message while it refuses with an unknown code, which may pass."""

POSTS: frozenset[Method] = frozenset({"chat.postMessage", "chat.startStream"})
"""The calls that post a message."""


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
        self.in_thread = True
        """New messages are posted to the thread, not to its channel."""
        self._writers: list[MessageWriter] = []
        self.replaced: list[MessageWriter] = []
        """Messages that can't be changed any more, and are to be deleted."""
        self._deleted: set[Ts] = set()
        """Messages that somebody else has deleted."""
        self._posting = location.posting
        """A post whose message is not known, or not yet."""
        self._had_posting = location.posting is not None
        """An earlier attempt recorded a post."""
        self._refused_looks = 0
        self._recorded = (location.messages, location.posting)
        self.must_look = location.posting is not None
        """The recorded post may have been made: Slack must be asked before there is another."""
        for ts in location.messages:
            self._add(ts)

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
    def has_lost_any(self) -> bool:
        """Whether somebody else has deleted one of the messages."""
        return any(map(self.needs, self._deleted))

    def note_deletion(self, ts: Ts) -> None:
        """Notes that somebody else has deleted the message."""
        self._deleted.add(ts)
        self._location.messages = self._messages()

    @property
    def style(self) -> Style:
        """How all messages are shown."""
        return self._style

    def restyle(self, style: Style) -> None:
        self._style = style
        for each in self._writers:
            each.style = style

    def edit_only(self) -> None:
        """Lets those that are not posted yet grow by edits."""
        for each in self._writers:
            if each.ts is None:
                each.edit_only()

    def leave_thread(self) -> None:
        """Posts to the channel from now on, where Slack has no streams, and where the buttons would
        not tell to which thread they belong. An earlier attempt may have done so.
        """
        self.in_thread = False
        self.must_look = self.must_look or self._had_posting
        if self._style == "full":
            self.restyle("bare")
        for each in self._writers:
            each.in_thread = False
        self.edit_only()

    def replace(self, writer: MessageWriter) -> None:
        """Gives a message that can't be changed any more a successor. It is deleted afterwards, or
        left as it is if that can't be done either.
        """
        if writer in self.replaced:
            writer.forget()
            return
        self._writers[self._writers.index(writer)] = self._new_writer(writer.number)
        self.replaced.append(writer)

    def writer(self, number: int) -> MessageWriter:
        """Returns the writer of a message, or of the next one if there are so many."""
        if number == len(self._writers):
            self._add()
        return self._writers[number]

    async def show(self, writer: MessageWriter, page: Page) -> None:
        """Makes the call that is due, and records a post before and after it.

        Raises SlackError as `MessageWriter.show` does, and StoreError, without a call, if the post
        can't be recorded.
        """
        method = writer.due_call(page)
        if method in POSTS:
            is_stream = method == "chat.startStream"
            await self._record_intent(writer, writer.beginning(page) if is_stream else None)
        try:
            await writer.show(page)
        except (RateLimitedError, UnreachableError) as err:
            sent = isinstance(err, UnreachableError) and err.sent
            if method in POSTS and (sent or err.method != method):
                self.must_look = True
            raise
        if method in POSTS and writer.ts is not None:
            self._posting = None
        await self.record()

    async def find(self) -> None:
        """Finds the message that the recorded post may have made.

        Where Slack does not let the bot look, the reply continues with the recorded messages.
        Raises RateLimitedError or UnreachableError if it must look again.
        """
        posting = self._posting
        found: Sequence[FoundMessage] = ()
        if posting is not None:
            try:
                found = await self._transport.find_messages(
                    self._location.thread, posting, in_thread=self.in_thread
                )
            except (DeliveryError, UnknownRefusalError) as err:
                self._refused_looks += 1
                if isinstance(err, UnknownRefusalError) and self._refused_looks < MAX_LOOKS:
                    raise
                channel = self._location.thread.channel
                logger.warning("No look for a message in %s: %s", channel, err.code)
            if any(each.number == posting.number for each in found):
                self._posting = None
        for each in found:
            self._adopt(each)
        self.must_look = False
        await self.record()

    async def record(self) -> None:
        """Stores which messages there are, if that has changed."""
        try:
            await self._store()
        except LostStoreError:
            raise
        except StoreError:  # only needed after a crash: the next call records it
            channel = self._location.thread.channel
            logger.exception("A reply's place in %s could not be stored", channel)

    async def _record_intent(self, writer: MessageWriter, stream: StreamBeginning | None) -> None:
        location, number, earlier = self._location, self._writers.index(writer), self._posting
        since = location.since = max((location.since, *self._messages()))
        if earlier is not None and (earlier.key, earlier.number) == (location.key, number):
            since = earlier.since  # that post may still appear
        self._posting = PostIntent(location.key, number, since, stream)
        await self._store()

    async def _store(self) -> None:
        location, messages, posting = self._location, self._messages(), self._posting
        location.messages = messages
        if (messages, posting) == self._recorded:
            return
        kept = await location.record(messages, posting)
        self._recorded = messages, posting
        location.posting = posting
        self._deleted.update({*messages} - {*kept})
        location.messages = self._messages()

    def _messages(self) -> tuple[Ts, ...]:
        there = (each.ts for each in (*self._writers, *self.replaced))
        return tuple(ts for ts in there if ts is not None and ts not in self._deleted)

    def _adopt(self, found: FoundMessage) -> None:
        """Makes a message that was found one of the reply's; one too many goes at the end."""
        if found.ts in self:
            return
        if found.number < len(self) and self._writers[found.number].ts is None:
            self._writers[found.number].ts = found.ts
        else:
            self._add(found.ts)

    def _add(self, ts: Ts | None = None) -> None:
        self._writers.append(self._new_writer(len(self._writers), ts))

    def _new_writer(self, number: int, ts: Ts | None = None) -> MessageWriter:
        writer = MessageWriter(
            self._transport,
            self._sessions,
            self._location.thread,
            ReplyMessageId(self._location.key, number),
            ts=ts,
            recipient=self._location.recipient if self.in_thread and self._may_stream() else None,
        )
        writer.style, writer.in_thread = self._style, self.in_thread
        return writer
