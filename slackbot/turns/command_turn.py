"""An order that somebody gives in a thread: it takes its turn, and is no part of what is said."""

from collections.abc import Sequence

from slackbot.conversation.messages import QueuedMessage, ThreadKey
from slackbot.delivery.ephemeral import EphemeralMessages
from slackbot.delivery.reply_location import ReplyLocation
from slackbot.instructions.command_parser import Command
from slackbot.instructions.commands import InstructionsCommands
from slackbot.instructions.scopes import Scope
from slackbot.turns.fair_queue import Requester
from slackbot.turns.store import Store
from slackbot.turns.transcript import Transcript
from slackbot.turns.turn import PendingTurn, place_of


class CommandTurn(PendingTurn):
    def __init__(  # noqa: PLR0913 - whom it asks, and whom it tells
        self,
        thread: ThreadKey,
        store: Store,
        heard: QueuedMessage,
        command: Command,
        *,
        instructions_commands: InstructionsCommands,
        ephemeral_messages: EphemeralMessages,
    ) -> None:
        super().__init__(thread, store)
        self._heard = heard
        self._command = command
        self._instructions_commands = instructions_commands
        self._ephemeral_messages = ephemeral_messages
        self._said = ""

    @property
    def asked(self) -> Sequence[str]:
        return [self._heard.message.ts]

    @property
    def wants_answer(self) -> bool:
        return False

    @property
    def requester(self) -> Requester:
        return Requester(self._heard.message.user, self.thread.channel)

    def place(self, *, resumed: bool) -> ReplyLocation:
        """Something stands there if it was a question before it was edited."""
        return place_of([self._heard], self.record, resumed=resumed)

    async def record(self, place: tuple[str, ...]) -> None:
        await self.store.place([self._heard.message], place)

    async def begin(self, transcript: Transcript) -> None:  # noqa: ARG002 - it is not written down
        self.conversation = await self.store.load(self.thread)
        message, thread = self._heard.message, self.thread
        here = Scope(thread.team, thread.channel, thread.ts)
        self._said = await self._instructions_commands.answer(
            message.user, here, self._command, request_ts=message.ts, files=message.files
        )

    async def commit(self) -> bool:
        done = await self.store.commit(self.thread, self.conversation, 0, [self._heard])
        if done:
            self._ephemeral_messages.begin(self.thread, self._heard.message.user, self._said)
        return done
