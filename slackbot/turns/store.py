"""What the bot asks of its store: an inbox of what waits, and an archive of what was said.

The store is the queue. What a thread waits for stands there and nowhere else, so that a crash at
any instant leaves nothing behind that the next start does not find.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

from slackbot.conversation.changes import Change, ChangeResult
from slackbot.conversation.history import Conversation, Rating, Turn
from slackbot.conversation.messages import Message, PendingWork, QueuedMessage, ThreadKey


class Inbox(Protocol):
    """What was heard and is not answered. Every method may raise StoreError."""

    async def claim(self, message: Message, *, opens: bool) -> bool:
        """Takes a message for this bot exactly once; durable when it returns.

        False if it was claimed before, or if its thread is not the bot's and `opens` is false.
        """

    async def unanswered(self) -> list[ThreadKey]:
        """The threads in which something waits, those that wait longest first."""

    async def waiting(self, thread: ThreadKey) -> PendingWork: ...

    async def place(self, messages: Sequence[Message], place: tuple[str, ...]) -> None:
        """Records the messages of the reply that is being written to these."""

    async def draft(self, thread: ThreadKey, turn: Turn, answered: Sequence[QueuedMessage]) -> None:
        """Keeps what a turn that is being worked on has come to, until it is stored, or what
        people said in it changes. Nothing is kept if one of `answered` has changed already.
        """

    async def drafted(self, thread: ThreadKey) -> Turn | None:
        """What was kept last of the thread's turn that is being worked on."""

    async def commit(
        self,
        thread: ThreadKey,
        conversation: Conversation,
        new: int,
        answered: Sequence[QueuedMessage],
    ) -> bool:
        """Stores the last `new` turns and closes the claims of `answered`: all or nothing.

        False, and nothing is stored, if one of them has changed since it was read: its message was
        edited, deleted or forgotten. Their places don't count.
        """


class Archive(Protocol):
    """What was said and answered. Every method may raise StoreError."""

    async def load(self, thread: ThreadKey, *, until: int | None = None) -> Conversation:
        """The conversation from its `start` on; with `until`, up to the turn of that number, and
        if that one is older than `start`, from the first turn on that is stored.
        """

    async def knows(self, thread: ThreadKey, ts: str) -> bool:
        """Whether the thread has a message with this ts here."""

    async def change(self, thread: ThreadKey, ts: str, change: Change) -> ChangeResult | None:
        """Applies a change to the message of the thread that has this ts, a person's or the
        bot's; durable when it returns. None if it is unknown there.
        """

    async def rewrite(
        self, thread: ThreadKey, number: int, before: Turn, after: Turn, *, done: bool
    ) -> bool:
        """Puts a turn that is being answered anew in its own place; with `done`, it no longer is.

        False, and nothing is stored, if what people said in it is no longer what it was `before`.
        """

    async def feedback(self, team: str) -> Mapping[Rating, int]:
        """How often people of a workspace said what about an answer."""

    async def forget_team(self, team: str) -> object:
        """Deletes all that is stored of a workspace."""


class Store(Inbox, Archive, Protocol):
    """What the bot remembers."""
