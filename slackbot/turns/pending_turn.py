"""The base class of turns in progress; a turn takes effect when it is committed."""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from slackbot.conversation.draft import Draft
from slackbot.conversation.fair_queue import Requester
from slackbot.conversation.history import Conversation, ToolRound, Turn
from slackbot.conversation.ids import Ts, UserId
from slackbot.conversation.messages import QueuedMessage, ThreadKey
from slackbot.conversation.post_intent import PostIntent
from slackbot.delivery.reply_location import ReplyLocation
from slackbot.llm.tool_calls import STOPPED, Caller
from slackbot.turns.kept_results import KeptResults
from slackbot.turns.store import Store
from slackbot.turns.store_retry import until_stored
from slackbot.turns.transcript import Transcript

T = TypeVar("T")


class PendingTurn(ABC):
    """A turn in progress; once begun, it is the last turn of `conversation`."""

    queued: Sequence[QueuedMessage] = ()
    """The messages that it takes out of the queue."""

    def __init__(self, thread: ThreadKey, store: Store, requester: UserId) -> None:
        """`requester` is the user ID of the person who is answered."""
        self.thread = thread
        self.requester = requester
        self.conversation = Conversation()
        self._store = store
        self._kept: Sequence[ToolRound] = ()
        """The tool rounds that are stored."""

    @property
    @abstractmethod
    def key(self) -> str:
        """Identifies the turn in its thread, also after a restart."""

    @property
    @abstractmethod
    def asked(self) -> Sequence[Ts]:
        """The ts of the messages that are answered; empty if all of them were deleted."""

    @property
    def own(self) -> Sequence[Ts]:
        """The ts of the requester's messages, also of those that were deleted."""
        queued = [each.message.ts for each in self.queued if each.message.user == self.requester]
        return queued or self.asked

    @property
    @abstractmethod
    def wants_answer(self) -> bool: ...

    @property
    def sentence(self) -> str:
        """What is shown instead of asking the model; empty if the model is asked."""
        return ""

    @property
    def kept(self) -> KeptResults | None:
        """What tools did for an answer that is only written again; None if a person asks."""
        return None

    @abstractmethod
    def location(self) -> ReplyLocation:
        """Returns the messages of its reply, as earlier attempts recorded them."""

    @abstractmethod
    async def record(self, reply_ts: tuple[Ts, ...], posting: PostIntent | None) -> tuple[Ts, ...]:
        """Stores the messages of its reply, and the one that is about to be posted.

        Returns the messages without those that somebody has deleted. May raise StoreError.
        """

    @abstractmethod
    async def begin(self, transcript: Transcript) -> None:
        """Loads the conversation, with the tool rounds of an earlier attempt."""

    @abstractmethod
    async def commit(self) -> bool:
        """Stores the turn. False if people changed its messages: it must be taken again."""

    @property
    def slot(self) -> Requester:
        return Requester(self.requester, self.thread.channel)

    @property
    def caller(self) -> Caller:
        """The person for whom tools run."""
        thread = self.thread
        names = {
            user: name for user, name in self.conversation.names.items() if "/" not in user
        }  # an app's own names are nobody's
        return Caller(self.requester, thread.channel, thread.team, thread.ts, names)

    async def keep(self, tool_rounds: Sequence[ToolRound]) -> None:
        """Stores the tool rounds so far, in case this process ends. May raise StoreError."""
        turn = self.conversation.using(tool_rounds).turns[-1]
        await self._store.draft(self.thread, self.key, turn, self.queued, stored=self._kept)
        self._kept = turn.tool_rounds

    def finish(self, draft: Draft, reply_ts: tuple[Ts, ...]) -> None:
        """Makes the draft the turn's answer, shown in these messages."""
        self.give_up(draft, reply_ts)
        self.conversation = self.conversation.answered(draft.answer, reply_ts)

    def give_up(self, draft: Draft | None, reply_ts: tuple[Ts, ...]) -> None:
        """Leaves the turn without an answer, as none could be shown, but with its tool results."""
        if draft is not None:
            tool_rounds = [each.ended(STOPPED) for each in draft.tool_rounds]
            self.conversation = draft.conversation.using(tool_rounds)
        self.conversation = self.conversation.answered(None, reply_ts)

    async def _earlier_rounds(self) -> tuple[ToolRound, ...]:
        """Returns the tool rounds of an earlier attempt at the same messages."""
        kept = await self._read(lambda: self._store.drafted(self.thread, self.key))
        return kept.tool_rounds if kept is not None and self._is_about(kept) else ()

    async def _read(self, ask: Callable[[], Awaitable[T]]) -> T:
        """Waits for a database that is away for a while: nobody has to ask again for that."""
        return await until_stored(self.thread, ask)

    @abstractmethod
    def _is_about(self, kept: Turn) -> bool:
        """Returns whether the kept draft answers the same messages."""
