"""Chooses a thread's next turn from the work that waits in the store."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from functools import partial

from slackbot.conversation.addressing import is_addressed, wants_answer
from slackbot.conversation.ids import Ts
from slackbot.conversation.messages import Message, QueuedMessage, QueuedRegeneration, ThreadKey
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

    given_up: set[str] = field(default_factory=set)
    """Turns and messages that failed, until somebody asks to try again."""
    stopped: set[str] = field(default_factory=set)
    """Messages whose answer a person stopped, until their turn is taken."""
    latest: ActiveTurn | None = None
    """The turn that was chosen last. It keeps its place in line, or its slot, while it is chosen
    again."""

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
        queued = [each for each in waiting.messages if each.message.ts not in self._memory.given_up]
        lost = [each for each in waiting.lost if each not in self._memory.given_up]
        given_up = self._memory.given_up
        again = [each for each in waiting.again if turn_key(each.number) not in given_up]
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
        location = turn.location()
        location.stopped = self._memory.take_stop(turn.own)
        active = ActiveTurn(turn, location, settings)
        self._take_over_place(active)
        return active

    async def stop(self, ts: Ts) -> bool:
        """Notes that a person stopped the unfinished reply with this message, which goes on later,
        as other turns come first. False if there is none.
        """
        thread, store = self._thread, self._store
        waiting = await until_stored(thread, lambda: store.waiting(thread))
        asked = {each.message.ts for each in waiting.messages if ts in each.reply_ts}
        for each in waiting.again:
            load = partial(store.load, thread, until=each.number)
            for turn in (await until_stored(thread, load)).turns[-1:]:
                if ts in turn.reply_ts:
                    asked |= {said.ts for said in turn.messages}
        asked -= self._memory.given_up
        self._memory.stopped |= asked
        return bool(asked)

    def release_place(self) -> None:
        """Gives up the place in line of the latest turn: it is not taken again."""
        if self._memory.latest is not None:
            self._services.runner.give_up(self._memory.latest)
            self._memory.latest = None

    def _take_over_place(self, active: ActiveTurn) -> None:
        """A place in line belongs to a message: its author's next attempt goes on waiting there.

        If another turn comes first the place is given up. It could hold the slot that this one
        waits for.
        """
        earlier = self._memory.latest
        if earlier is not None and active.needs_slot and active.continues(earlier):
            active.place, earlier.place = earlier.place, None
        self.release_place()
        self._memory.latest = active

    def _for(self, queued: Sequence[QueuedMessage], settings: EffectiveSettings) -> PendingTurn:
        me = self._services.me
        chosen = next_messages(
            queued,
            is_command=lambda message: find_command(message, me) is not None,
            wants_answer=lambda message: wants_answer(message, me, settings.answering),
            is_paused=self._is_paused,
        )
        command = find_command(chosen.owner.message, me) if chosen.is_command else None
        if command is not None:
            return self._command(chosen.owner, command)
        if settings.answering == "never":
            self._tell_switched_off(chosen.messages)
        return QuestionTurn(self._thread, self._store, chosen, me, settings.answering)

    def _is_paused(self, message: Message) -> bool:
        return self._services.runner.delay(self._thread, message.user, [message.ts]) > 0

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

    async def _regenerated(self, queued: QueuedRegeneration) -> RegeneratedTurn | None:
        """None if the conversation can't be read: no turn of it waits to be answered again then."""
        thread = self._thread
        conversation = await until_stored(
            thread, lambda: self._store.load(thread, until=queued.number)
        )
        if not conversation.turns:
            return None
        return RegeneratedTurn(thread, self._store, queued, conversation)

    def _tell_switched_off(self, queued: Sequence[QueuedMessage]) -> None:
        """Tells people who wait that the bot has been switched off in the channel."""
        messages = [each.message for each in queued if not each.deleted]
        asked = {each.user: each for each in messages if is_addressed(each, self._services.me)}
        for message in asked.values():
            self._services.ephemeral.answer(message, texts.SWITCHED_OFF)
