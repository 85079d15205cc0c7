"""A command in a thread. It takes its turn, but is not part of the conversation."""

from collections.abc import Sequence

from slackbot.conversation.history import Turn
from slackbot.conversation.ids import Ts
from slackbot.conversation.messages import QueuedMessage, ThreadKey
from slackbot.conversation.post_intent import PostIntent
from slackbot.delivery.ephemeral import EphemeralMessages
from slackbot.delivery.reply_location import ReplyLocation
from slackbot.instructions.command_parser import Command
from slackbot.instructions.commands import InstructionsCommands
from slackbot.instructions.scopes import Scope
from slackbot.turns.pending_turn import PendingTurn
from slackbot.turns.question_turn import queued_location
from slackbot.turns.store import Store
from slackbot.turns.transcript import Transcript


class CommandTurn(PendingTurn):
    def __init__(
        self,
        thread: ThreadKey,
        store: Store,
        queued: QueuedMessage,
        command: Command,
        *,
        commands: InstructionsCommands,
        ephemeral: EphemeralMessages,
    ) -> None:
        super().__init__(thread, store, queued.message.user)
        self.queued = (queued,)
        self._message = queued.message
        self._command = command
        self._commands = commands
        self._ephemeral = ephemeral
        self._outcome = ""

    @property
    def key(self) -> str:
        return self._message.ts

    @property
    def asked(self) -> Sequence[Ts]:
        return [self._message.ts]

    @property
    def wants_answer(self) -> bool:
        return False

    def location(self) -> ReplyLocation:
        """There are messages if it was a question before an edit."""
        return queued_location(self.queued[0], self)

    async def record(self, reply_ts: tuple[Ts, ...], posting: PostIntent | None) -> tuple[Ts, ...]:
        return await self._store.place([self._message], reply_ts, posting)

    async def begin(self, transcript: Transcript) -> None:  # noqa: ARG002 - it is not part of the transcript
        self.conversation = await self._read(lambda: self._store.load(self.thread))
        thread = self.thread
        self._outcome = await self._commands.answer(
            self.requester,
            Scope(thread.team, thread.channel, thread.ts),
            self._command,
            request_ts=self._message.ts,
            files=tuple(each for each in self._message.files if not each.origin),
        )

    async def commit(self) -> bool:
        done = await self._store.commit(
            self.thread, self.conversation, 0, self.queued, key=self.key
        )
        if done:
            self._ephemeral.answer(self._message, self._outcome)
        return done

    def _is_about(self, kept: Turn) -> bool:  # noqa: ARG002 - it uses no tools
        return False
