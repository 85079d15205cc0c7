"""What the bot asks of its store: an inbox of what waits, and an archive of what was said.

The store is the queue. What a thread waits for stands there and nowhere else, so that a crash at
any instant leaves nothing behind that the next start does not find.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

from slackbot.conversation.changes import Change, ChangeResult
from slackbot.conversation.history import Conversation, Rating, Turn
from slackbot.conversation.inbox_events import InboxEvent, StoredEvent
from slackbot.conversation.messages import Message, PendingWork, QueuedMessage, ThreadKey


class Inbox(Protocol):
    """What has arrived and is not answered yet. Every method may raise StoreError."""

    async def append(self, event: InboxEvent, *, opens: bool) -> bool:
        """Adds an event as it arrived, after all others; it is durable when this returns.

        False, and nothing is stored, if an event of this identity was appended before, or if its
        thread is not the bot's and `opens` is false. A thread is the bot's once a message of it
        was received, and while an event of it is in the inbox.
        """

    async def events(self, thread: ThreadKey) -> Sequence[StoredEvent]:
        """The events of a thread that are not folded in yet, in the order of their arrival."""

    async def receive(self, thread: ThreadKey, number: int, message: Message) -> ChangeResult:
        """Takes event `number` out of the inbox and puts its message among those that wait.

        A message that is known already is not received again: it gets its files if it has none.
        Nothing happens if the event is not in the inbox any more.
        """

    async def fold(
        self, thread: ThreadKey, number: int, ts: str, change: Change
    ) -> ChangeResult | None:
        """Takes event `number` out of the inbox and applies its change to the message `ts`.

        None if the message is unknown, or if the event is not in the inbox any more. An unknown
        message that is deleted is not received later.
        """

    async def discard(self, thread: ThreadKey, number: int, *, forget: bool = False) -> None:
        """Takes event `number` out of the inbox; with `forget` it may be appended again."""

    async def release(self, thread: ThreadKey, reply_ts: tuple[str, ...]) -> None:
        """The bot has deleted the messages of this reply: no waiting message has it any more."""

    async def claim(self, message: Message, *, opens: bool) -> bool:
        """Takes a message for this bot exactly once; durable when it returns.

        False if it was claimed before, or if its thread is not the bot's and `opens` is false.
        """

    async def unanswered(self) -> list[ThreadKey]:
        """The threads with waiting messages or with events, those that wait longest first."""

    async def waiting(self, thread: ThreadKey) -> PendingWork: ...

    async def place(self, messages: Sequence[Message], place: tuple[str, ...]) -> None:
        """Records the messages of the reply that is being written to these."""

    async def draft(
        self, thread: ThreadKey, key: str, turn: Turn, answered: Sequence[QueuedMessage]
    ) -> None:
        """Keeps the tool results of an unfinished turn until the turn is stored or one of its
        messages changes. Nothing is kept if one of `answered` has changed already.

        `key` names the turn: the ts of the first message of a new one, the number of one that is
        regenerated, in eight digits.
        """

    async def drafted(self, thread: ThreadKey, key: str) -> Turn | None:
        """What `draft` kept last of the turn that `key` names."""

    async def commit(
        self,
        thread: ThreadKey,
        conversation: Conversation,
        new: int,
        answered: Sequence[QueuedMessage],
        *,
        key: str = "",
    ) -> bool:
        """Stores the last `new` turns and takes `answered` from those that wait: all or nothing.

        Drops the draft that `key` names; without a key, each draft with a message of `answered`.
        False, and nothing is stored, if one of `answered` has changed since it was read: its
        message was edited, deleted or forgotten. Their `reply_ts` don't count.
        """


class Archive(Protocol):
    """What was said and answered. Every method may raise StoreError."""

    async def load(self, thread: ThreadKey, *, until: int | None = None) -> Conversation:
        """The conversation from its `start` on; with `until`, up to the turn of that number, and
        if that one is older than `start`, from the first turn on that is stored.
        """

    async def knows(self, thread: ThreadKey, ts: str) -> bool:
        """Whether the thread has received a message with this ts, or the bot posted it there."""

    async def change(self, thread: ThreadKey, ts: str, change: Change) -> ChangeResult | None:
        """Applies a change to the message of the thread that has this ts, a person's or the
        bot's; durable when it returns. None if it is unknown there.
        """

    async def rewrite(
        self, thread: ThreadKey, number: int, before: Turn, after: Turn, *, done: bool
    ) -> bool:
        """Replaces a turn that is being answered again; with `done` that is over, and so is its
        draft.

        False, and nothing is stored, if its messages are no longer what they were `before`.
        """

    async def feedback(self, team: str) -> Mapping[Rating, int]:
        """How often people of a workspace said what about an answer."""

    async def forget_team(self, team: str) -> object:
        """Deletes all that is stored of a workspace."""


class Store(Inbox, Archive, Protocol):
    """What the bot remembers."""
