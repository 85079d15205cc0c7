"""A turn that is being worked on; nothing of it counts until it is committed."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

from slackbot.conversation.draft import Draft
from slackbot.conversation.history import Conversation, ToolRound, Turn
from slackbot.conversation.messages import QueuedMessage, ThreadKey
from slackbot.delivery.reply_location import ReplyLocation
from slackbot.llm.tool_calls import STOPPED, Caller
from slackbot.turns.fair_queue import Requester
from slackbot.turns.store import Store
from slackbot.turns.transcript import Transcript


class PendingTurn(ABC):
    """`conversation` ends with this turn once it has begun."""

    queued: Sequence[QueuedMessage] = ()
    """The messages that it answers for the first time."""

    def __init__(self, thread: ThreadKey, store: Store, requester: str) -> None:
        """`requester` is the user id of the one person whom it answers."""
        self.thread = thread
        self.requester = requester
        self.conversation = Conversation()
        self._store = store

    @property
    @abstractmethod
    def key(self) -> str:
        """What tells it apart from the other turns of its thread, also after a restart."""

    @property
    @abstractmethod
    def asked(self) -> Sequence[str]:
        """The ts of the messages that are being answered; none if all of them were deleted."""

    @property
    @abstractmethod
    def wants_answer(self) -> bool: ...

    @abstractmethod
    def location(self, *, resumed: bool) -> ReplyLocation:
        """Where its reply stands; `resumed` after an attempt that did not come to its end."""

    @abstractmethod
    async def record(self, reply_ts: tuple[str, ...]) -> None:
        """Stores where its reply stands. May raise StoreError."""

    @abstractmethod
    async def begin(self, transcript: Transcript) -> None:
        """Reads what was said before, with the tools that an earlier run has used for the same."""

    @abstractmethod
    async def commit(self) -> bool:
        """False if people have changed since what it began with: it has to be done again."""

    @property
    def slot(self) -> Requester:
        return Requester(self.requester, self.thread.channel)

    @property
    def caller(self) -> Caller:
        """The person for whom tools work."""
        thread = self.thread
        names = self.conversation.names
        return Caller(self.requester, thread.channel, thread.team, thread.ts, names)

    async def keep(self, tool_rounds: Sequence[ToolRound]) -> None:
        """Stores the tools used so far, for the next run if this one ends. May raise StoreError."""
        turn = self.conversation.using(tool_rounds).turns[-1]
        await self._store.draft(self.thread, self.key, turn, self.queued)

    def finish(self, draft: Draft, reply_ts: tuple[str, ...]) -> None:
        """Makes the draft the turn's answer, which stands in these messages."""
        self.give_up(draft, reply_ts)
        self.conversation = self.conversation.answered(draft.answer, reply_ts)

    def give_up(self, draft: Draft | None, reply_ts: tuple[str, ...]) -> None:
        """Leaves the turn without an answer, since nobody could be shown one; keeps what its tools
        came to.
        """
        if draft is not None:
            tool_rounds = [each.ended(STOPPED) for each in draft.tool_rounds]
            self.conversation = draft.conversation.using(tool_rounds)
        self.conversation = self.conversation.answered(None, reply_ts)

    async def _earlier_rounds(self) -> tuple[ToolRound, ...]:
        """The tools that an earlier run has used for the same messages."""
        kept = await self._store.drafted(self.thread, self.key)
        return kept.tool_rounds if kept is not None and self._is_about(kept) else ()

    @abstractmethod
    def _is_about(self, kept: Turn) -> bool:
        """Whether what was kept was done for the messages that are being answered."""
