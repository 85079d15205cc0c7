"""Taking turns: what waits in a thread is read, answered and committed, until nothing waits."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import nullcontext, suppress
from itertools import count, takewhile
from typing import NamedTuple, TypeVar

from slackbot.backoff import pause
from slackbot.conversation.addressing import is_addressed
from slackbot.conversation.draft import Draft
from slackbot.conversation.messages import QueuedMessage, ThreadKey
from slackbot.delivery.active_replies import ActiveReplies
from slackbot.delivery.ephemeral import OFF, EphemeralMessages
from slackbot.delivery.reply_location import ReplyLocation
from slackbot.delivery.reply_transport import ReplyTransport
from slackbot.delivery.speech import Speech
from slackbot.delivery.status import ThreadStatus
from slackbot.errors import UNEXPECTED, DeliveryError, RevokedError, StoreError
from slackbot.instructions.command_parser import find_command
from slackbot.instructions.commands import InstructionsCommands
from slackbot.turns.agent import Agent, SettingsProvider
from slackbot.turns.command_turn import CommandTurn
from slackbot.turns.fair_semaphore import FairSemaphore
from slackbot.turns.store import Store
from slackbot.turns.transcript import Transcript
from slackbot.turns.turn import PendingTurn, QuestionTurn, RegeneratedTurn

logger = logging.getLogger(__name__)

T = TypeVar("T")

GONE = "message_not_found"
"""What stood there was deleted: if there is to be an answer after all, it needs a new location."""

PATIENCE = 2.0
"""Seconds: Slack wants an acknowledgement within three."""


class ActiveTurn(NamedTuple):
    """A turn that is being taken, from its beginning until it is stored or given up."""

    turn: PendingTurn
    location: ReplyLocation
    over: asyncio.Event


class TurnRunner:
    def __init__(  # noqa: PLR0913 - the parts of a turn
        self,
        *,
        me: str,
        transport: ReplyTransport,
        store: Store,
        transcript: Transcript,
        speech: Speech,
        replies: ActiveReplies,
        semaphore: FairSemaphore,
        instructions_commands: InstructionsCommands,
        ephemeral_messages: EphemeralMessages,
        settings_provider: SettingsProvider,
        thinking: Agent,
    ) -> None:
        """`me` is the bot's own user id."""
        self._me = me
        self._transport = transport
        self._store = store
        self._transcript = transcript
        self._speech = speech
        self._replies = replies
        self._semaphore = semaphore
        self._settings_provider = settings_provider
        self._instructions_commands = instructions_commands
        self._ephemeral_messages = ephemeral_messages
        self._thinking = thinking
        self._choosing: set[ThreadKey] = set()
        """Threads in which it is being looked up what waits."""
        self._taking: dict[ThreadKey, ActiveTurn] = {}
        self._unfinished: set[ThreadKey] = set()
        """Threads in which an attempt may have posted more than it recorded."""
        self._stopped: set[tuple[ThreadKey, str]] = set()
        """What people want no answer to any more, messages by ts, until its turn is taken anew."""
        self._given_up: defaultdict[ThreadKey, set[object]] = defaultdict(set)
        """What failed for no reason that would pass: messages by ts, turns by number."""

    def resume(self, thread: ThreadKey) -> None:
        """An earlier run has left something undone in the thread."""
        self._unfinished.add(thread)

    def concern(self, thread: ThreadKey, ts: str) -> bool:
        """Whether the turn that is being taken in the thread is about this message, or may be."""
        taking = self._taking.get(thread)
        return thread in self._choosing or (taking is not None and ts in taking.turn.asked)

    async def until_stored(self, thread: ThreadKey) -> None:
        """Returns when the answer that people can see is stored, or takes too long for that."""
        taking = self._taking.get(thread)
        if taking is not None and taking.location.ended:
            with suppress(TimeoutError):
                async with asyncio.timeout(PATIENCE):
                    await taking.over.wait()

    def stop(self, channel: str, thread_ts: str, ts: str) -> ThreadKey | None:
        """A person wants no answer where the reply has not begun; the message `ts` is the thread's
        first, or one that an earlier run left there, whether or not it came to record it.

        Gives the thread, whose turn is to be taken anew; None where nothing is about to begin.
        """
        for thread, (turn, location, _) in self._taking.items():
            here = (thread.channel, thread.ts) == (channel, thread_ts)
            meant = location.resumed or ts in {thread.ts, *location.messages}
            if here and meant and turn.wants_answer and not location.ended:
                self._stopped |= {(thread, asked) for asked in turn.asked}
                return thread
        return None

    def forgive(self, thread: ThreadKey) -> bool:
        """What was given up in a thread may be tried again; false if nothing was."""
        return bool(self._given_up.pop(thread, None))

    async def take(self, thread: ThreadKey) -> bool:
        """Takes the thread's next turn; false if none waits."""
        self._choosing.add(thread)
        try:
            chosen = await self._choose(thread)
        finally:
            self._choosing.remove(thread)
        if chosen is None:
            return False
        await self._try(*chosen)
        return True

    async def _choose(self, thread: ThreadKey) -> tuple[PendingTurn, Collection[object]] | None:
        """The thread's next turn, and what is given up if it fails."""
        waiting = await self._insist(thread, lambda: self._store.waiting(thread))
        given_up = self._given_up.get(thread, ())
        messages = [each for each in waiting.messages if each.message.ts not in given_up]
        if messages:
            heard = self._together(messages)
            return await self._new_turn(thread, heard), [each.message.ts for each in heard]
        for number in (each for each in waiting.again if each not in given_up):
            try:
                conversation = await self._store.load(thread, until=number)
            except StoreError:
                logger.exception("A turn in %s can't be written anew", thread.channel)
                self._given_up[thread].add(number)
            else:
                return RegeneratedTurn(thread, self._store, number, conversation), [number]
        return None

    async def _new_turn(self, thread: ThreadKey, heard: Sequence[QueuedMessage]) -> PendingTurn:
        command = find_command(heard[0].message, self._me)
        if command is not None:
            return CommandTurn(
                thread,
                self._store,
                heard[0],
                command,
                instructions_commands=self._instructions_commands,
                ephemeral_messages=self._ephemeral_messages,
            )
        effective_settings = await self._insist(
            thread, lambda: self._settings_provider.effective_settings(thread)
        )
        if effective_settings.answering == "never":
            self._send_away(thread, heard)
        return QuestionTurn(
            thread, self._store, heard, me=self._me, answering=effective_settings.answering
        )

    def _send_away(self, thread: ThreadKey, heard: Sequence[QueuedMessage]) -> None:
        """Who was waiting when the bot was switched off there waits no longer."""
        messages = [each.message for each in heard if not each.deleted]
        for user in {each.user for each in messages if is_addressed(each, self._me)}:
            self._ephemeral_messages.begin(thread, user, OFF)

    def _together(self, waiting: Sequence[QueuedMessage]) -> list[QueuedMessage]:
        """Those from the first on that one reply answers: an earlier run may have begun another,
        and an order stands alone.
        """
        first, *rest = waiting
        if find_command(first.message, self._me) is not None:
            return [first]
        more = takewhile(
            lambda each: (
                each.reply_ts in ((), first.reply_ts)
                and find_command(each.message, self._me) is None
            ),
            rest,
        )
        return [first, *more]

    async def _try(self, turn: PendingTurn, names: Collection[object]) -> None:
        """Takes a turn; whatever happens, nobody is left without a word."""
        thread = turn.thread
        location = turn.place(resumed=thread in self._unfinished)
        asked = {(thread, ts) for ts in turn.asked}
        location.stopped = not self._stopped.isdisjoint(asked)
        self._stopped -= asked
        self._unfinished.add(thread)
        taking = self._taking[thread] = ActiveTurn(turn, location, asyncio.Event())
        try:
            draft = await self._take(turn, location)
            if await self._insist(thread, turn.commit):
                self._unfinished.discard(thread)
                if draft is not None and turn.aloud:
                    self._speech.begin(thread, draft)
        except RevokedError as err:
            logger.critical("Slack has revoked the bot's token (%s): set a new one", err.code)
            self._given_up[thread].update(names)
        except Exception as err:
            logger.exception("A turn in %s failed", thread.channel)
            self._given_up[thread].update(names)
            if turn.wants_answer:
                sentence = err.user_message if isinstance(err, StoreError) else UNEXPECTED
                await self._replies.apologise(sentence, location)
        finally:
            del self._taking[thread]
            taking.over.set()

    async def _take(self, turn: PendingTurn, location: ReplyLocation) -> Draft | None:
        if turn.asked and turn.wants_answer:
            status = ThreadStatus(self._transport, turn.thread)
            slot = self._semaphore.of(turn.requester, waiting=status.in_line)
            async with nullcontext() if location.stopped else slot:
                await turn.begin(self._transcript)
                return await self._answer(turn, location)
        if location.messages or location.resumed:
            await self._replies.erase(location)
        await turn.begin(self._transcript)
        return None

    async def _answer(self, turn: PendingTurn, location: ReplyLocation) -> Draft | None:
        try:
            draft = await self._replies.stream(self._thinking.answer(turn), location)
        except RevokedError:
            raise
        except DeliveryError as err:  # nobody can see an answer, so the turn goes without one
            logger.warning("No reply in %s: %s", turn.thread.channel, err.code)
            turn.say(None, () if err.code == GONE else location.messages)
            return None
        turn.say(draft, location.messages)
        return draft

    async def _insist(self, thread: ThreadKey, ask: Callable[[], Awaitable[T]]) -> T:
        """Asks the store until it does what it is asked: the next turn must know this one."""
        for failures in count(1):
            try:
                return await ask()
            except StoreError:
                logger.exception("The store fails for a thread in %s", thread.channel)
                await asyncio.sleep(pause(failures))
        raise AssertionError
