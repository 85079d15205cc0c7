"""Chooses a thread's next turn from the work that waits in the store."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from slackbot.conversation.addressing import is_addressed, wants_answer
from slackbot.conversation.ids import Ts
from slackbot.conversation.messages import PendingWork, QueuedMessage, ThreadKey
from slackbot.instructions.command_parser import Command, find_command
from slackbot.instructions.settings import EffectiveSettings
from slackbot.turns import texts
from slackbot.turns.active_turn import ActiveTurn
from slackbot.turns.command_turn import CommandTurn
from slackbot.turns.lost_turn import LostTurn
from slackbot.turns.pending_turn import PendingTurn
from slackbot.turns.question_turn import QuestionTurn
from slackbot.turns.regenerated_turn import RegeneratedTurn, turn_key
from slackbot.turns.session_services import SessionServices
from slackbot.turns.store_retry import until_stored
from slackbot.turns.turn_selection import next_messages


@dataclass(slots=True)
class TurnMemory:
    """What a session remembers of earlier turns, by the ts of their messages or by their keys."""

    attempted: set[str] = field(default_factory=set)
    """Turns of which an attempt may have posted more than it recorded. The same messages may make
    another turn now: what arrives late may come first in it."""
    given_up: set[str] = field(default_factory=set)
    """Turns and messages that failed, until somebody asks to try again."""
    stopped: set[str] = field(default_factory=set)
    """Messages whose answer a person stopped, until their turn is taken."""
    resumed: bool = False
    """An earlier process may have attempted any turn that waits."""

    def learn(self, waiting: PendingWork) -> None:
        """Remembers that an earlier process may have attempted whatever waits now."""
        if self.resumed:
            self.resumed = False
            self.attempted |= {each.message.ts for each in waiting.messages} | {*waiting.lost}
            self.attempted |= set(map(turn_key, waiting.again))

    def attempts_at(self, turn: PendingTurn) -> tuple[str, ...]:
        """The keys of earlier attempts at a turn's messages, its own first."""
        keys = dict.fromkeys((turn.key, *(each.message.ts for each in turn.queued)))
        return tuple(key for key in keys if key in self.attempted)

    def forget_attempts(self, turn: PendingTurn) -> None:
        """The turn is stored."""
        self.attempted.difference_update(self.attempts_at(turn))

    def take_stop(self, asked: Collection[Ts]) -> bool:
        """Returns whether a person stopped one of these messages, and forgets it."""
        stopped = not self.stopped.isdisjoint(asked)
        self.stopped.difference_update(asked)
        return stopped


class TurnChooser:
    def __init__(self, thread: ThreadKey, services: SessionServices, memory: TurnMemory) -> None:
        self._thread = thread
        self._services = services
        self._store = services.store
        self._memory = memory

    async def choose(self) -> ActiveTurn | None:
        """Returns the next turn; None if nothing waits. Turns to answer again come last."""
        thread = self._thread
        waiting = await until_stored(thread, lambda: self._store.waiting(thread))
        self._memory.learn(waiting)
        queued = [each for each in waiting.messages if each.message.ts not in self._memory.given_up]
        again = [each for each in waiting.again if turn_key(each) not in self._memory.given_up]
        lost = [each for each in waiting.lost if each not in self._memory.given_up]
        if not (queued or again or lost):
            return None
        settings = await until_stored(
            thread, lambda: self._services.settings.effective_settings(thread)
        )
        if settings.unreadable is not None:
            await self._services.alert.tell(thread, settings.unreadable)
        turn: PendingTurn | None
        if lost:
            turn = LostTurn(thread, self._store, lost[0])
        else:
            turn = self._for(queued, settings) if queued else await self._regenerated(again[0])
        if turn is None:
            return await self.choose()
        attempts = self._memory.attempts_at(turn)
        location = turn.location(resumed=bool(attempts))
        location.earlier_keys = tuple(key for key in attempts if key != turn.key)
        theirs = [each.message.ts for each in turn.queued if each.message.user == turn.requester]
        location.stopped = self._memory.take_stop(theirs or turn.asked)
        return ActiveTurn(turn, location, settings)

    def _for(self, queued: Sequence[QueuedMessage], settings: EffectiveSettings) -> PendingTurn:
        me = self._services.me
        chosen = next_messages(
            queued,
            is_command=lambda message: find_command(message, me) is not None,
            wants_answer=lambda message: wants_answer(message, me, settings.answering),
        )
        command = find_command(chosen.owner.message, me) if chosen.is_command else None
        if command is not None:
            return self._command(chosen.owner, command)
        if settings.answering == "never":
            self._tell_switched_off(chosen.messages)
        return QuestionTurn(self._thread, self._store, chosen, me, settings.answering)

    def _command(self, queued: QueuedMessage, command: Command) -> CommandTurn:
        services = self._services
        return CommandTurn(
            self._thread,
            self._store,
            queued,
            command,
            commands=services.commands,
            ephemeral=services.ephemeral,
        )

    async def _regenerated(self, number: int) -> RegeneratedTurn | None:
        """None if the conversation can't be read: no turn of it waits to be answered again then."""
        thread = self._thread
        conversation = await until_stored(thread, lambda: self._store.load(thread, until=number))
        if not conversation.turns:
            return None
        return RegeneratedTurn(thread, self._store, number, conversation)

    def _tell_switched_off(self, queued: Sequence[QueuedMessage]) -> None:
        """Tells people who wait that the bot has been switched off in the channel."""
        messages = [each.message for each in queued if not each.deleted]
        for user in {each.user for each in messages if is_addressed(each, self._services.me)}:
            self._services.ephemeral.begin(self._thread, user, texts.SWITCHED_OFF)
