"""The store that sessions need, as protocols: an inbox of waiting work, and an archive of turns.

The store is the queue: all waiting work is there and nowhere else, so the next process finds it
after a crash at any instant.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

from slackbot.conversation.changes import Change, ChangeResult
from slackbot.conversation.history import Conversation, Rating, ToolRound, Turn
from slackbot.conversation.ids import TeamId, Ts
from slackbot.conversation.inbox_events import InboxEvent, StoredEvent
from slackbot.conversation.messages import Message, PendingWork, QueuedMessage, ThreadKey
from slackbot.conversation.post_intent import PostIntent


class Inbox(Protocol):
    """Events and messages that are not answered yet. Every method may raise StoreError."""

    async def append(self, event: InboxEvent, *, opens: bool) -> bool:
        """Appends an event as it arrived; it is durable when this returns.

        False, and nothing is stored, if an event with this identity was appended before, or if its
        thread is not one of the bot's and `opens` is false. A thread is one of the bot's once a
        message of it was received, and while an event of it is in the inbox.
        """

    async def ours(self, threads: Sequence[ThreadKey]) -> Sequence[ThreadKey]:
        """Returns those of a workspace's threads that are the bot's; `threads` has one or more."""

    async def events(self, thread: ThreadKey) -> Sequence[StoredEvent]:
        """Returns the events of a thread that are not folded in yet, in order of arrival."""

    async def receive(
        self, thread: ThreadKey, number: int, message: Message, *, asks: bool = False
    ) -> ChangeResult:
        """Moves the message of event `number` from the inbox to the waiting messages.

        A known message is not received again, but gets its files if it has none; unless it `asks`
        the bot, and was only read in its thread. Does nothing if the event is no longer in the
        inbox.
        """

    async def fold(
        self, thread: ThreadKey, number: int, ts: Ts, change: Change
    ) -> ChangeResult | None:
        """Removes event `number` from the inbox and applies its change to the message `ts`.

        None if the message is unknown, or if the event is no longer in the inbox. An unknown
        message that was deleted is not received later.
        """

    async def discard(self, thread: ThreadKey, number: int, *, forget: bool = False) -> None:
        """Removes event `number` from the inbox; with `forget` it may be appended again."""

    async def unanswered(self) -> list[ThreadKey]:
        """Returns the threads with waiting work, the longest waiting first."""

    async def waiting(self, thread: ThreadKey) -> PendingWork: ...

    async def place(
        self,
        messages: Sequence[Message],
        place: tuple[Ts, ...],
        posting: PostIntent | None = None,
    ) -> tuple[Ts, ...]:
        """Records the messages of the reply to these messages, and the one that it posts next.

        They are recorded for all waiting messages that share the reply. Returns `place` without
        those that were deleted by the events folded in so far.
        """

    async def drop_lost(self, thread: ThreadKey, ts: Ts) -> None:
        """Notes that the people of a lost message were told."""

    async def draft(
        self,
        thread: ThreadKey,
        key: str,
        turn: Turn,
        answered: Sequence[QueuedMessage],
        *,
        stored: Sequence[ToolRound] = (),
    ) -> None:
        """Stores the tool results of an unfinished turn until the turn is stored or one of its
        messages changes. Stores nothing if one of `answered` has already changed.

        `key` identifies the turn: the ts of a new turn's first message, or the number of a
        regenerated turn in eight digits. `stored` are the turn's tool rounds when it was stored
        last: only what is new is written then.
        """

    async def drafted(self, thread: ThreadKey, key: str) -> Turn | None:
        """Returns what `draft` stored last for the turn with this key.

        Raises StoreError, once, if that can't be read.
        """

    async def commit(
        self,
        thread: ThreadKey,
        conversation: Conversation,
        new: int,
        answered: Sequence[QueuedMessage],
        *,
        key: str = "",
    ) -> bool:
        """Stores the last `new` turns and removes `answered` from the waiting messages, atomically.
        A turn whose reply has lost a message is stored without its answer.

        Drops the draft with this key; without a key, each draft with a message of `answered`.
        False, and nothing is stored, if one of `answered` was edited, deleted or forgotten since
        it was read. Their `reply_ts` are not compared.
        """


class Archive(Protocol):
    """The history of conversations. Every method may raise StoreError."""

    async def load(self, thread: ThreadKey, *, until: int | None = None) -> Conversation:
        """Returns the conversation from its `start` on. With `until` it ends with that turn, and
        begins with the first stored turn if that turn is older than `start`.
        """

    async def knows(self, thread: ThreadKey, ts: Ts) -> bool:
        """Returns whether the thread has a received message, or one of the bot's, with this ts."""

    async def turn_of(self, thread: ThreadKey, ts: Ts) -> Turn | None:
        """Returns the turn that a message belongs to; None if it is unknown, or still waits."""

    async def place_again(
        self,
        thread: ThreadKey,
        number: int,
        place: tuple[Ts, ...],
        posting: PostIntent | None = None,
    ) -> tuple[Ts, ...]:
        """Records the reply of a turn that is answered again, as `Inbox.place` does."""

    async def rewrite(self, thread: ThreadKey, number: int, before: Turn, after: Turn) -> bool:
        """Replaces a turn that was answered again, and drops its draft.

        False, and nothing is stored, if its messages differ from those of `before`.
        """

    async def feedback(self, team: TeamId) -> Mapping[Rating, int]:
        """Returns the number of answers of a workspace by their rating."""

    async def forget_team(self, team: TeamId) -> object:
        """Deletes everything about a workspace."""


class Store(Inbox, Archive, Protocol):
    """The inbox and the archive."""
