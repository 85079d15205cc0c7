"""A turn that is being worked on; nothing of it counts until it is committed."""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from slackbot.conversation.addressing import Answering, wants_answer
from slackbot.conversation.draft import Draft
from slackbot.conversation.history import Conversation, Turn
from slackbot.conversation.messages import Message, QueuedMessage, ThreadKey
from slackbot.delivery.reply_location import ReplyLocation
from slackbot.llm.prompt import Prompt
from slackbot.llm.tool_calls import STOPPED, Caller
from slackbot.turns.fair_queue import Requester
from slackbot.turns.store import Store
from slackbot.turns.transcript import Transcript

ANEW = "_Writing this anew…_"
"""What stands in an answer's place from the wish for another one until its first word."""


class PendingTurn(ABC):
    """`conversation` ends with this turn once it has begun."""

    prompt: Prompt | None = None
    """The request that was made last; None where it came to none."""
    heard: Sequence[QueuedMessage] = ()
    """The messages that are answered for the first time."""

    def __init__(self, thread: ThreadKey, store: Store) -> None:
        self.thread = thread
        self.store = store
        self.conversation = Conversation()
        self.draft = Draft()
        """The answer as far as it has come."""
        self.aloud = False
        """The answer is to be said aloud as well."""

    @property
    @abstractmethod
    def asked(self) -> Sequence[str]:
        """The ts of the messages that are being answered; none if all of them were deleted."""

    @property
    @abstractmethod
    def wants_answer(self) -> bool: ...

    @property
    @abstractmethod
    def requester(self) -> Requester:
        """Who waits for the answer longest."""

    @abstractmethod
    def place(self, *, resumed: bool) -> ReplyLocation:
        """Where its reply stands; `resumed` after an attempt that did not come to its end."""

    @abstractmethod
    async def record(self, place: tuple[str, ...]) -> None:
        """Stores where its reply stands. May raise StoreError."""

    @abstractmethod
    async def begin(self, transcript: Transcript) -> None:
        """With the tools that an earlier run has used for the same."""

    async def keep(self) -> None:
        """Stores the tools used so far, for the next run if this one ends. May raise StoreError."""
        await self.store.draft(self.thread, self._draft_key, self.as_drafted, self.heard)

    @property
    @abstractmethod
    def _draft_key(self) -> str:
        """The name under which the store keeps the tools used so far."""

    @property
    def caller(self) -> Caller:
        """Who tools work for: who asked last, whatever others said to each other after that."""
        thread, said = self.thread, self.conversation.turns[-1].messages
        requester = next((each for each in reversed(said) if each.for_bot), said[-1])
        people = self.conversation.names
        return Caller(requester.user, thread.channel, thread.team, thread.ts, people)

    @property
    def as_drafted(self) -> Turn:
        """The turn with the tools that have been used so far."""
        return self.conversation.using(self.draft.tool_rounds).turns[-1]

    @abstractmethod
    async def commit(self) -> bool:
        """False if people have changed since what it began with: it has to be done anew."""

    def say(self, draft: Draft | None, place: tuple[str, ...]) -> None:
        """Makes the draft the turn's answer; None where nobody could be shown one."""
        answer = draft.answer if draft is not None else None
        rounds = [each.ended(STOPPED) for each in self.draft.tool_rounds]
        self.conversation = self.conversation.using(rounds).answered(answer, place)


class QuestionTurn(PendingTurn):
    """Messages that nobody has answered yet, answered together."""

    def __init__(
        self,
        thread: ThreadKey,
        store: Store,
        heard: Sequence[QueuedMessage],
        *,
        me: str,
        answering: Answering,
    ) -> None:
        """`me` is the bot's own user id; what earlier attempts posted is that of the first."""
        super().__init__(thread, store)
        self.heard = heard
        self._messages = [each.message for each in heard if not each.deleted]
        self._me = me
        self._answering = answering
        self._new = 0

    @property
    def asked(self) -> Sequence[str]:
        return [message.ts for message in self._messages]

    @property
    def wants_answer(self) -> bool:
        return any(map(self._wants_answer, self._messages))

    @property
    def requester(self) -> Requester:
        return Requester(self._messages[0].user, self.thread.channel)

    @property
    def _draft_key(self) -> str:
        return self.heard[0].message.ts

    def place(self, *, resumed: bool) -> ReplyLocation:
        return place_of(self.heard, self.record, resumed=resumed)

    async def record(self, place: tuple[str, ...]) -> None:
        await self.store.place([each.message for each in self.heard], place)

    async def begin(self, transcript: Transcript) -> None:
        stored = await self.store.load(self.thread)
        self.conversation = stored
        if self._messages:
            place = self.heard[0].reply_ts
            heard = await transcript.hear(stored, self._messages, place)
            self.conversation = self._told_apart(heard)
            drafted = await self.store.drafted(self.thread, self._draft_key)
            if drafted is not None and {each.ts for each in drafted.messages} <= {*self.asked}:
                self.conversation = self.conversation.using(drafted.tool_rounds)
        self._new = self.conversation.length - stored.length

    def say(self, draft: Draft | None, place: tuple[str, ...]) -> None:
        """The next turn begins where this one's request did, and knows what that one cost."""
        super().say(draft, place)
        if draft is None or self.prompt is None:
            return
        self.conversation = self.conversation.starting_at(self.prompt.start)
        self._new = min(self._new, len(self.conversation.turns))
        if draft.usage is not None and draft.usage.prompt > 0 and self.prompt.is_text:
            measured = draft.usage.prompt / self.prompt.size
            self.conversation = replace(self.conversation, tokens_per_byte=measured)

    async def commit(self) -> bool:
        return await self.store.commit(self.thread, self.conversation, self._new, self.heard)

    def _wants_answer(self, message: Message) -> bool:
        return wants_answer(message, self._me, self._answering)

    def _told_apart(self, conversation: Conversation) -> Conversation:
        """The conversation, whose last turn knows which of its messages are for the bot."""
        *before, last = conversation.turns
        said = tuple(
            replace(each, for_bot=self._wants_answer(message))
            for each, message in zip(last.messages, self._messages, strict=True)
        )
        return replace(conversation, turns=(*before, replace(last, messages=said)))


class RegeneratedTurn(PendingTurn):
    """A turn of the history whose answer is written anew, in the messages where it stands."""

    def __init__(
        self, thread: ThreadKey, store: Store, number: int, conversation: Conversation
    ) -> None:
        """The conversation ends with turn `number`."""
        super().__init__(thread, store)
        self.conversation = conversation
        self._number = number
        self._before = conversation.turns[-1]

    @property
    def asked(self) -> Sequence[str]:
        return [said.ts for said in self._before.messages]

    @property
    def wants_answer(self) -> bool:
        return True

    @property
    def requester(self) -> Requester:
        return Requester(self._before.messages[0].user, self.thread.channel)

    @property
    def _draft_key(self) -> str:
        return f"{self._number:08d}"

    def place(self, *, resumed: bool) -> ReplyLocation:
        asked = self._before.messages
        return ReplyLocation(
            self.thread,
            key=asked[0].ts if asked else "",
            reader=asked[-1].user if asked else "",
            record=self.record,
            messages=self._before.reply_ts,
            resumed=resumed,
            opening="" if resumed else ANEW,
            editing=True,
        )

    async def record(self, place: tuple[str, ...]) -> None:
        placed = replace(self._before, reply_ts=place)
        await self.store.rewrite(self.thread, self._number, self._before, placed, done=False)

    async def begin(self, transcript: Transcript) -> None:  # noqa: ARG002 - all is written down
        drafted = await self.store.drafted(self.thread, self._draft_key)
        same = drafted is not None and drafted.messages == self._before.messages
        rounds = drafted.tool_rounds if drafted is not None and same else ()
        self.conversation = self.conversation.using(rounds).answered(None, ())

    async def commit(self) -> bool:
        after = self.conversation.turns[-1] if self.asked else Turn(())
        return await self.store.rewrite(self.thread, self._number, self._before, after, done=True)


def place_of(
    heard: Sequence[QueuedMessage],
    record: Callable[[tuple[str, ...]], Awaitable[None]],
    *,
    resumed: bool,
) -> ReplyLocation:
    """Where the reply to these messages stands, which belongs to the first of them."""
    first = heard[0]
    return ReplyLocation(
        first.message.thread,
        key=first.message.ts,
        reader=heard[-1].message.user,
        record=record,
        messages=first.reply_ts,
        resumed=resumed,
    )
