"""The heart: hear a message, think about it, say the answer.

What is heard is safe in the store before anyone is told so. Each thread is a queue of its own:
what arrives while its reply is being written waits, and is answered together in the next one.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Protocol

from slackbot import names, prompt, text
from slackbot.conversation import (
    Answer,
    Conversation,
    Message,
    Said,
    ThreadKey,
    Turn,
    Unanswered,
)
from slackbot.delta import Delta, Draft
from slackbot.errors import ContextOverflowError, DeliveryError, StoreError
from slackbot.pacing import Streaming
from slackbot.part import Screen
from slackbot.prompt import Prompt
from slackbot.reply import Place, Replies

logger = logging.getLogger(__name__)

HISTORY = 200
"""How many messages of a thread that people already have are read, the newest."""

NOTHING_SAID = "(no text)"


class Model(Protocol):
    def stream(self, prompt: Prompt, *, cache_key: str) -> AsyncIterator[Delta]:
        """The answer piece by piece. Raises ModelError, ContextOverflowError before the first."""


class Messenger(Screen, Protocol):
    """Slack, as far as the bot needs it."""

    async def display_name(self, user: str) -> str: ...

    async def history(self, thread: ThreadKey, *, before: str, newest: int) -> list[Message]:
        """The last messages of the thread that are older than the one at `before`, in order."""


class Store(Protocol):
    """What the bot remembers. Every method may raise StoreError."""

    async def claim(self, message: Message, *, opens: bool) -> bool:
        """Takes a message for this bot exactly once; durable when it returns.

        False if it was claimed before, or if its thread is not the bot's and `opens` is false.
        """

    async def load(self, thread: ThreadKey) -> Conversation: ...

    async def place(self, messages: Sequence[Message], place: tuple[str, ...]) -> None:
        """Records the messages of the reply that is being written to these."""

    async def commit(
        self,
        thread: ThreadKey,
        conversation: Conversation,
        new: int,
        messages: Sequence[Message],
    ) -> None:
        """Stores the last `new` turns and closes the claims of `messages`: all or nothing."""

    async def unanswered(self) -> list[Unanswered]:
        """Every claimed message that was not committed, oldest first."""


@dataclass(slots=True)
class OpenTurn:
    """A turn that is being worked on; nothing of it counts until it is committed."""

    conversation: Conversation
    place: Place
    new: int
    """How many turns at the conversation's end are not stored yet."""
    prompt: Prompt | None = None
    """The request that was made last."""

    def say(self, draft: Draft) -> None:
        """Makes the draft the turn's answer, and learns from what it cost."""
        conversation = self.conversation.answered(draft.answer)
        if self.prompt is not None:
            conversation = conversation.starting_at(self.prompt.start)
            if draft.usage is not None and draft.usage.prompt > 0:
                measured = draft.usage.prompt / self.prompt.size
                conversation = replace(conversation, tokens_per_byte=measured)
        self.conversation = conversation
        self.new = min(self.new, len(conversation.turns))


class Bot:
    def __init__(  # noqa: PLR0913 - the composition root names each part
        self,
        *,
        me: str,
        model: Model,
        messenger: Messenger,
        store: Store,
        instructions: str,
        context_tokens: int,
        streaming: Streaming = "edit",
    ) -> None:
        """`me` is the bot's own user id, `context_tokens` the most that a request may take."""
        self._me = me
        self._model = model
        self._messenger = messenger
        self._store = store
        self._instructions = instructions
        self._context_tokens = context_tokens
        self._replies = Replies(messenger, streaming)
        self._waiting: dict[ThreadKey, list[Unanswered]] = {}
        self._threads: set[asyncio.Task[None]] = set()
        self._closing = False

    async def hear(self, message: Message) -> None:
        """Returns when the message is safe in the store, or is none of the bot's business."""
        addressed = message.author == "person" and self._is_addressed(message)
        if message.author != "me" and await self._store.claim(message, opens=addressed):
            self._enqueue(Unanswered(message))

    async def resume(self) -> None:
        """Takes up what an earlier run heard and did not finish."""
        for unanswered in await self._store.unanswered():
            self._enqueue(replace(unanswered, resumed=True))

    async def close(self, grace: float) -> None:
        """Takes no new work, gives what is under way `grace` seconds, leaves the rest as it is."""
        self._closing = True
        if self._threads:
            _, unfinished = await asyncio.wait(self._threads, timeout=grace)
            for task in unfinished:
                task.cancel()
            await asyncio.gather(*unfinished, return_exceptions=True)

    def is_busy(self) -> bool:
        """Whether anything is being answered."""
        return bool(self._threads)

    def _is_addressed(self, message: Message) -> bool:
        return message.direct or self._me in text.mentioned(message.markup)

    def _wants_answer(self, message: Message) -> bool:
        """Whether a message of a thread of the bot's is for the bot, or between people."""
        if message.author != "person":
            return False
        return message.direct or not text.addresses_others(message.markup, self._me)

    def _enqueue(self, unanswered: Unanswered) -> None:
        if self._closing:
            return
        thread = unanswered.message.thread
        if thread in self._waiting:
            self._waiting[thread].append(unanswered)
            return
        self._waiting[thread] = [unanswered]
        task = asyncio.create_task(self._converse(thread))
        self._threads.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._threads.discard(task)
        if not task.cancelled() and (err := task.exception()) is not None:
            logger.error("A thread's turns ended in an unexpected error", exc_info=err)

    async def _converse(self, thread: ThreadKey) -> None:
        """Takes the thread's turns, one after the other, until nothing waits in it."""
        try:
            while (heard := self._waiting[thread]) and not self._closing:
                self._waiting[thread] = []
                await self._take_turn(thread, sorted(heard, key=lambda each: each.message.ts))
        finally:
            del self._waiting[thread]

    async def _take_turn(self, thread: ThreadKey, heard: Sequence[Unanswered]) -> None:
        messages = [each.message for each in heard]
        place = self._place(thread, heard)
        wants_answer = any(map(self._wants_answer, messages))
        try:
            async with self._turn(place, messages) as turn:
                if wants_answer:
                    await self._answer(turn)
        except StoreError as err:
            logger.exception("A turn in %s could not be stored", thread.channel)
            if wants_answer and not place.messages:
                await self._replies.stream(_failing(err), place)

    async def _answer(self, turn: OpenTurn) -> None:
        try:
            turn.say(await self._replies.stream(self._think(turn), turn.place))
        except DeliveryError as err:  # nobody can see an answer, so the turn goes without one
            logger.warning("No reply in %s: %s", turn.place.thread.channel, err.code)

    def _place(self, thread: ThreadKey, heard: Sequence[Unanswered]) -> Place:
        async def record(place: tuple[str, ...]) -> None:
            try:
                await self._store.place([each.message for each in heard], place)
            except StoreError:  # the answer goes on: only a crash now would not find its place
                logger.exception("A reply's place in %s could not be stored", thread.channel)

        return Place(
            thread,
            key=heard[0].message.ts,
            reader=heard[-1].message.user,
            record=record,
            messages=next((each.place for each in heard if each.place), ()),
            resumed=any(each.resumed for each in heard),
        )

    @asynccontextmanager
    async def _turn(self, place: Place, messages: Sequence[Message]) -> AsyncIterator[OpenTurn]:
        """A turn on the messages, committed when the block ends without an error."""
        stored = await self._store.load(place.thread)
        conversation = await self._recall(stored, messages[0])
        conversation, said = await self._listen(conversation, messages)
        conversation = conversation.add(Turn(tuple(said)))
        turn = OpenTurn(conversation, place, new=conversation.length - stored.length)
        yield turn
        await self._store.commit(place.thread, turn.conversation, turn.new, messages)

    async def _think(self, turn: OpenTurn) -> AsyncIterator[Delta]:
        """The model's answer; asked once more with a shorter history if that was too long."""
        cache_key = sha256(repr(turn.place.thread).encode()).hexdigest()[:32]
        budget = self._context_tokens
        for last_try in (False, True):
            turn.prompt = prompt.fit(turn.conversation, self._instructions, budget)
            try:
                async for delta in self._model.stream(turn.prompt, cache_key=cache_key):
                    yield delta
            except ContextOverflowError:
                if last_try:
                    raise
                sent = turn.prompt.size * turn.conversation.tokens_per_byte
                budget = int(sent * prompt.KEPT_SHARE)
            else:
                return

    async def _recall(self, conversation: Conversation, first: Message) -> Conversation:
        """The conversation, begun with what people said in the thread before the bot joined it."""
        if conversation.length or first.starts_thread:
            return conversation
        try:
            earlier = await self._messenger.history(first.thread, before=first.ts, newest=HISTORY)
        except DeliveryError as err:
            logger.warning("No history of a thread in %s: %s", first.thread.channel, err.code)
            return conversation
        people = [message for message in earlier if message.author != "me"]
        conversation, said = await self._listen(conversation, people)
        lines = iter(said)
        for message in earlier:
            if message.author != "me":
                conversation = conversation.add(Turn((next(lines),)))
            elif conversation.turns and conversation.turns[-1].answer is None:
                conversation = conversation.answered(Answer(message.markup))
            else:
                conversation = conversation.add(Turn((), Answer(message.markup)))
        return conversation

    async def _listen(
        self, conversation: Conversation, messages: Sequence[Message]
    ) -> tuple[Conversation, list[Said]]:
        """The messages as the model is to read them; the conversation knows their authors then."""
        mentioned = (user for each in messages for user in text.mentioned(each.markup))
        authors = (each.user for each in messages)
        display = await self._display_names({*mentioned, *authors} - {self._me})
        known = dict(conversation.names)
        for message in messages:
            if message.user not in known:
                known[message.user] = names.api_name(
                    display[message.user], message.user, known.values()
                )
        said = [
            Said(known[each.user], text.plain(each.markup, display, self._me) or NOTHING_SAID)
            for each in messages
        ]
        return replace(conversation, names=known), said

    async def _display_names(self, users: Iterable[str]) -> dict[str, str]:
        ids = sorted(users)
        found = await asyncio.gather(*(self._messenger.display_name(user) for user in ids))
        return dict(zip(ids, found, strict=True))


async def _failing(err: StoreError) -> AsyncIterator[Delta]:
    """An answer that fails before it begins."""
    raise err
    yield
