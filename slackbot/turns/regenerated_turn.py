"""A turn of the history that is answered again, in the messages of its answer."""

from collections.abc import Sequence
from dataclasses import replace

from slackbot.conversation.history import Conversation, Turn
from slackbot.conversation.ids import Ts, UserId
from slackbot.conversation.messages import QueuedRegeneration, ThreadKey
from slackbot.conversation.post_intent import PostIntent
from slackbot.delivery.reply_location import ReplyLocation
from slackbot.llm.tool_calls import Caller
from slackbot.turns.kept_results import KeptResults
from slackbot.turns.pending_turn import PendingTurn
from slackbot.turns.store import Store
from slackbot.turns.texts import REWRITING
from slackbot.turns.transcript import Transcript


class RegeneratedTurn(PendingTurn):
    def __init__(
        self,
        thread: ThreadKey,
        store: Store,
        queued: QueuedRegeneration,
        conversation: Conversation,
    ) -> None:
        """`conversation` ends with the queued turn."""
        self._before = conversation.turns[-1]
        asking = [each for each in self._before.messages if each.for_bot]
        super().__init__(thread, store, self._before.asker)
        self.conversation = conversation
        self._regeneration = queued
        self._has_one_requester = len({each.user for each in asking}) == 1

    @property
    def key(self) -> str:
        return turn_key(self._regeneration.number)

    @property
    def caller(self) -> Caller:
        """Nobody for a turn of several people, as they were until turns had one requester: tools
        would work with the rights of one for the question of another.
        """
        caller = super().caller
        return caller if self._has_one_requester else replace(caller, user=UserId(""))

    @property
    def kept(self) -> KeptResults | None:
        pressed = self._regeneration.cause == "pressed"
        return KeptResults(self._before.tool_rounds) if pressed else None

    @property
    def asked(self) -> Sequence[Ts]:
        return [message.ts for message in self._before.messages]

    @property
    def wants_answer(self) -> bool:
        return True

    def location(self) -> ReplyLocation:
        asked, messages = self._before.messages, self._before.reply_ts
        return ReplyLocation(
            self.thread,
            key=asked[0].ts if asked else "",
            recipient=self.requester,
            record=self.record,
            since=max((self.thread.ts, *self.asked, *messages)),
            messages=messages,
            posting=self._regeneration.posting,
            opening=REWRITING,
            editing=True,
        )

    async def record(self, reply_ts: tuple[Ts, ...], posting: PostIntent | None) -> tuple[Ts, ...]:
        number = self._regeneration.number
        return await self._store.place_again(self.thread, number, reply_ts, posting)

    async def begin(self, transcript: Transcript) -> None:  # noqa: ARG002 - its messages are already part of the conversation
        rounds = await self._earlier_rounds()
        if not rounds and self._regeneration.cause == "retried":  # it goes on where it ended
            rounds = self._before.tool_rounds
        self.conversation = self.conversation.using(rounds).answered(None, ())

    async def commit(self) -> bool:
        after = self.conversation.turns[-1] if self.asked else Turn(())
        number = self._regeneration.number
        return await self._store.rewrite(self.thread, number, self._before, after)

    def _is_about(self, kept: Turn) -> bool:
        return kept.messages == self._before.messages


def turn_key(number: int) -> str:
    """Returns the key of the turn with this number in its thread's history."""
    return f"{number:08d}"
