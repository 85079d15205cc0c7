"""The heart: hear a message, think about it, say the answer.

What is heard is safe in the store before anyone is told so. Each thread is a queue of its own:
what arrives while its reply is being written waits, and is answered together in the next one.
"""

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import count, takewhile
from typing import Protocol

from slackbot import prompt, text
from slackbot.backoff import pause
from slackbot.conversation import Conversation, Message, ThreadKey, Unanswered
from slackbot.delta import Delta, Draft
from slackbot.errors import UNEXPECTED, ContextOverflowError, DeliveryError, StoreError
from slackbot.pacing import Streaming
from slackbot.part import Screen
from slackbot.prompt import Prompt
from slackbot.replies import Replies
from slackbot.reply import Place
from slackbot.transcript import Transcript, Witness

logger = logging.getLogger(__name__)

OVERHEARD = 100
"""How many messages of other threads are remembered for a moment: Slack may deliver what people
say in a thread before the mention that brought the bot into it."""


class Model(Protocol):
    def stream(self, prompt: Prompt, *, cache_key: str) -> AsyncIterator[Delta]:
        """The answer piece by piece. Raises ModelError, ContextOverflowError before the first."""


class Messenger(Screen, Witness, Protocol):
    """Slack, as far as the bot needs it."""


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
        self._store = store
        self._instructions = instructions
        self._context_tokens = context_tokens
        self._transcript = Transcript(messenger, me)
        self._replies = Replies(messenger, streaming)
        self._overheard: deque[Message] = deque(maxlen=OVERHEARD)
        self._waiting: dict[ThreadKey, list[Unanswered]] = {}
        self._threads: set[asyncio.Task[None]] = set()
        self._closing = False

    async def hear(self, message: Message) -> None:
        """Returns when the message is safe in the store, or is none of the bot's business."""
        if message.author == "me":
            return
        addressed = message.author == "person" and self._is_addressed(message)
        if message.starts_thread and not addressed:
            return
        if await self._store.claim(message, opens=addressed):
            self._enqueue(Unanswered(message))
        elif not addressed:
            self._overheard.append(message)
        if addressed:
            for follow_up in self._overheard_after(message):
                await self.hear(follow_up)

    def deleted(self, channel: str, ts: str) -> None:
        """A message was deleted. A reply that is being written in its place is given up."""
        self._replies.deleted(channel, ts)

    async def resume(self) -> None:
        """Takes up what an earlier run heard and did not finish."""
        for unanswered in await self._store.unanswered():
            self._enqueue(replace(unanswered, resumed=True))

    async def close(self, grace: float) -> None:
        """Takes no new work, gives what is under way `grace` seconds, leaves the rest as it is."""
        self._closing = True
        try:
            if self._threads:
                await asyncio.wait(self._threads, timeout=grace)
        finally:
            self.abandon()
            await asyncio.gather(*self._threads, return_exceptions=True)

    def abandon(self) -> None:
        """Leaves what is under way as it is, at once; the next run takes it up."""
        self._closing = True
        for task in self._threads:
            task.cancel()

    def is_busy(self) -> bool:
        """Whether anything is being answered."""
        return bool(self._threads)

    def _overheard_after(self, mention: Message) -> list[Message]:
        """What was said in the mention's thread after it and came before it; forgotten now."""
        here = [each for each in self._overheard if each.thread == mention.thread]
        for each in here:
            self._overheard.remove(each)
        return [each for each in here if each.ts > mention.ts]

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
        task.add_done_callback(self._threads.discard)

    async def _converse(self, thread: ThreadKey) -> None:
        """Takes the thread's turns, one after the other, until nothing waits in it."""
        waiting = self._waiting[thread]
        try:
            while waiting and not self._closing:
                waiting.sort(key=lambda each: each.message.ts)
                heard = _together(waiting)
                del waiting[: len(heard)]
                await self._take_turn(thread, heard)
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
        except Exception as err:  # whatever it is, nobody is left without a word
            logger.exception("A turn in %s failed", thread.channel)
            if wants_answer and not place.messages:
                sentence = err.user_message if isinstance(err, StoreError) else UNEXPECTED
                await self._replies.apologise(sentence, place)

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
            messages=heard[0].place,
            resumed=any(each.resumed for each in heard),
        )

    @asynccontextmanager
    async def _turn(self, place: Place, messages: Sequence[Message]) -> AsyncIterator[OpenTurn]:
        """A turn on the messages, committed when the block ends without an error."""
        stored = await self._store.load(place.thread)
        conversation = await self._transcript.hear(stored, messages)
        turn = OpenTurn(conversation, place, new=conversation.length - stored.length)
        yield turn
        await self._commit(turn, messages)

    async def _commit(self, turn: OpenTurn, messages: Sequence[Message]) -> None:
        """Tried until it is done: the next turn must know this one."""
        for failures in count(1):
            try:
                await self._store.commit(turn.place.thread, turn.conversation, turn.new, messages)
            except StoreError:
                if self._closing:
                    raise
                logger.exception("A turn in %s is not stored yet", turn.place.thread.channel)
                await asyncio.sleep(pause(failures))
            else:
                return

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


def _together(waiting: Sequence[Unanswered]) -> list[Unanswered]:
    """Those from the first on that one reply answers: an earlier run may have begun another."""
    place = waiting[0].place
    return list(takewhile(lambda each: each.place in ((), place), waiting))
