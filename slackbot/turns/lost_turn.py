"""A message that can't be read any more. Its author is asked to send it again."""

from collections.abc import Sequence

from slackbot.conversation.draft import Draft
from slackbot.conversation.history import Turn
from slackbot.conversation.ids import Ts, UserId
from slackbot.conversation.messages import ThreadKey
from slackbot.conversation.post_intent import PostIntent, StreamBeginning
from slackbot.delivery.reply_location import ReplyLocation
from slackbot.turns.pending_turn import PendingTurn
from slackbot.turns.store import Store
from slackbot.turns.texts import LOST_QUESTION
from slackbot.turns.transcript import Transcript


class LostTurn(PendingTurn):
    """All that is known of the message is its ts. It is no part of the conversation."""

    def __init__(self, thread: ThreadKey, store: Store, ts: Ts) -> None:
        super().__init__(thread, store, UserId(""))
        self._ts = ts

    @property
    def key(self) -> str:
        return self._ts

    @property
    def asked(self) -> Sequence[Ts]:
        return [self._ts]

    @property
    def wants_answer(self) -> bool:
        return True

    @property
    def sentence(self) -> str:
        return LOST_QUESTION

    def location(self) -> ReplyLocation:
        """An answer may have been growing: it is looked for in Slack, as no row names it any more.

        Only a stream that Slack marks as one is recognised without its text.
        """
        return ReplyLocation(
            self.thread,
            key=self._ts,
            recipient=self.requester,
            record=self.record,
            since=self._ts,
            posting=PostIntent(self._ts, 0, self._ts, StreamBeginning("")),
        )

    async def record(
        self,
        reply_ts: tuple[Ts, ...],
        posting: PostIntent | None,  # noqa: ARG002 - they are found again in the same way
    ) -> tuple[Ts, ...]:
        return reply_ts

    async def begin(self, transcript: Transcript) -> None:
        """Nothing is asked about the conversation."""

    async def commit(self) -> bool:
        await self._store.drop_lost(self.thread, self._ts)
        return True

    def give_up(self, draft: Draft | None, reply_ts: tuple[Ts, ...]) -> None:
        """Nothing of it is part of the conversation."""

    def _is_about(self, kept: Turn) -> bool:  # noqa: ARG002 - it uses no tools
        return False
