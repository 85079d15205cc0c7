"""A turn that answers the waiting messages of one requester."""

from collections.abc import Sequence
from dataclasses import replace

from slackbot.conversation.addressing import Answering, wants_answer
from slackbot.conversation.draft import Draft
from slackbot.conversation.history import Conversation, Turn
from slackbot.conversation.ids import Ts, UserId
from slackbot.conversation.messages import Message, QueuedMessage, ThreadKey
from slackbot.conversation.post_intent import PostIntent
from slackbot.conversation.token_rate import learned_rate
from slackbot.delivery.reply_location import ReplyLocation
from slackbot.turns.pending_turn import PendingTurn
from slackbot.turns.store import Store
from slackbot.turns.transcript import Transcript
from slackbot.turns.turn_selection import NextMessages


class QuestionTurn(PendingTurn):
    def __init__(
        self, thread: ThreadKey, store: Store, next_: NextMessages, me: UserId, answering: Answering
    ) -> None:
        """`me` is the bot's own user ID, `answering` what is answered in the thread."""
        self._me = me
        self._answering = answering
        self._messages = [each.message for each in next_.messages if not each.deleted]
        asking = [each for each in self._messages if self._wants_answer(each)]
        super().__init__(thread, store, (asking or [next_.owner.message])[0].user)
        self.queued = next_.messages
        self._owner = next_.owner
        self._new_turns = 0

    @property
    def key(self) -> str:
        return self._owner.message.ts

    @property
    def asked(self) -> Sequence[Ts]:
        return [message.ts for message in self._messages]

    @property
    def wants_answer(self) -> bool:
        return any(map(self._wants_answer, self._messages))

    def location(self) -> ReplyLocation:
        return queued_location(self._owner, self)

    async def record(self, reply_ts: tuple[Ts, ...], posting: PostIntent | None) -> tuple[Ts, ...]:
        return await self._store.place([each.message for each in self.queued], reply_ts, posting)

    async def begin(self, transcript: Transcript) -> None:
        stored = await self._read(lambda: self._store.load(self.thread))
        self.conversation = stored
        if self._messages:
            waiting: Sequence[QueuedMessage] = ()
            if not stored.length:  # only then messages are read from Slack
                waiting = (await self._read(lambda: self._store.waiting(self.thread))).messages
            written = await transcript.add_turn(stored, self._messages, waiting)
            self.conversation = self._marked(written).using(await self._earlier_rounds())
        self._new_turns = self.conversation.length - stored.length

    def finish(self, draft: Draft, reply_ts: tuple[Ts, ...]) -> None:
        """The next request begins with the same turn, and knows how many tokens this one had."""
        super().finish(draft, reply_ts)
        if draft.prompt is None:
            return
        self.conversation = replace(self.conversation, lost=False)
        self.conversation = self.conversation.starting_at(draft.prompt.start)
        self._new_turns = min(self._new_turns, len(self.conversation.turns))
        if draft.usage is not None and not draft.prompt.has_hidden_input:
            known, tokens = self.conversation.tokens_per_byte, draft.usage.prompt
            learned = learned_rate(known, tokens=tokens, size=draft.prompt.size)
            self.conversation = replace(self.conversation, tokens_per_byte=learned)

    async def commit(self) -> bool:
        return await self._store.commit(
            self.thread, self.conversation, self._new_turns, self.queued, key=self.key
        )

    def _is_about(self, kept: Turn) -> bool:
        authors = {each.user for each in kept.messages if each.for_bot}
        return authors <= {self.requester} and {each.ts for each in kept.messages} <= {*self.asked}

    def _wants_answer(self, message: Message) -> bool:
        return wants_answer(message, self._me, self._answering)

    def _marked(self, conversation: Conversation) -> Conversation:
        """Sets `for_bot` in the messages of the conversation's last turn."""
        *before, last = conversation.turns
        messages = tuple(
            replace(each, for_bot=self._wants_answer(message))
            for each, message in zip(last.messages, self._messages, strict=True)
        )
        return replace(conversation, turns=(*before, replace(last, messages=messages)))


def queued_location(owner: QueuedMessage, turn: PendingTurn) -> ReplyLocation:
    """Returns the location of the reply to waiting messages; `owner` is the one it belongs to."""
    return ReplyLocation(
        owner.message.thread,
        key=owner.message.ts,
        recipient=turn.requester,
        record=turn.record,
        since=max((*(each.message.ts for each in turn.queued), *owner.reply_ts)),
        messages=owner.reply_ts,
        posting=owner.posting,
    )
