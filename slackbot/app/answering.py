"""The part of a workspace's bot that answers. Only the workspace's owner has it."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass

from slackbot.app.process import Process
from slackbot.app.slack_edge import SlackEdge
from slackbot.config import Streaming
from slackbot.delivery.active_replies import ActiveReplies
from slackbot.delivery.ephemeral import EphemeralMessages
from slackbot.delivery.rate_limiter import RateLimiter
from slackbot.delivery.rate_recorder import RateRecorder
from slackbot.delivery.speech import Speech
from slackbot.delivery.streaming_mode import BEST, EDITS, STREAMS, StreamingMode
from slackbot.instructions.commands import InstructionsCommands
from slackbot.instructions.service import InstructionsService
from slackbot.instructions.text_reader import TextReader
from slackbot.slack.channels import SlackChannels
from slackbot.slack.members import SlackMembers
from slackbot.store import RecordStore
from slackbot.turns.agent import Agent
from slackbot.turns.app_senders import AppSenders
from slackbot.turns.approvals import Approvals
from slackbot.turns.bot import Bot
from slackbot.turns.fair_semaphore import FairSemaphore
from slackbot.turns.instructions_alert import InstructionsAlert
from slackbot.turns.regeneration_rights import RegenerationRights
from slackbot.turns.role_directory import RoleDirectory
from slackbot.turns.session_services import SessionServices
from slackbot.turns.thread_sessions import ThreadSessions
from slackbot.turns.transcript import Transcript
from slackbot.turns.turn_runner import TurnRunner

STREAMING_MODES: Mapping[Streaming, Sequence[StreamingMode]] = {
    "auto": BEST,
    "edit": EDITS,
    "native": STREAMS,
}
"""By the setting."""


@dataclass(frozen=True, slots=True)
class AnsweringParts:
    """What answering needs and the rest of the bot has too."""

    process: Process
    slack: SlackEdge
    instructions: InstructionsService
    text_reader: TextReader
    roles: RoleDirectory
    approvals: Approvals
    transcript: Transcript
    agent: Agent


class RightToAnswer:
    """Whether this process may show answers in a workspace, at any instant."""

    def __init__(self) -> None:
        self._holds: Callable[[], bool] = _never

    def __call__(self) -> bool:
        return self._holds()

    def give(self, holds: Callable[[], bool]) -> None:
        self._holds = holds

    def take_away(self) -> None:
        self._holds = _never


class Answering:
    """Begins and ends as the workspace's owner changes."""

    def __init__(
        self, parts: AnsweringParts, bot: Bot, right: RightToAnswer, on_begin: Callable[[], None]
    ) -> None:
        """`on_begin` is called each time when it has begun."""
        self._parts = parts
        self._bot = bot
        self._right = right
        self._on_begin = on_begin
        self._stack = AsyncExitStack()
        self._lock = asyncio.Lock()
        self._is_closed = False

    async def begin(self, store: RecordStore, holds: Callable[[], bool]) -> None:
        """Answers what arrives from now on. `store` writes for the owner alone; nothing is shown
        in Slack once `holds` returns false. Does nothing once it is closed.
        """
        async with self._lock:
            if self._is_closed:
                return
            self._right.give(holds)
            async with AsyncExitStack() as stack:
                sessions = await _open_sessions(stack, self._parts, store)
                self._stack = stack.pop_all()
            self._bot.own(sessions)
            self._on_begin()

    async def end(self, grace: float) -> None:
        """Begins no new turn, and gives running turns `grace` seconds."""
        async with self._lock:
            try:
                await self._bot.close(grace)
            finally:
                self._bot.disown()
                await self._stack.aclose()
                self._right.take_away()

    def abandon(self) -> None:
        """Somebody else may answer by now: no call to Slack begins any more, and turns are
        cancelled.
        """
        self._right.take_away()
        self._bot.abandon()

    async def lose(self) -> None:
        """Ends at once, for the same reason. Waits neither for Slack nor for the database."""
        self.abandon()
        await self.end(0.0)

    async def close(self) -> None:
        """Ends at once, and does not begin again."""
        self._is_closed = True
        await self.lose()


async def _open_sessions(
    stack: AsyncExitStack, parts: AnsweringParts, store: RecordStore
) -> ThreadSessions:
    slack = parts.slack
    ephemeral = EphemeralMessages(slack.owner.messenger)
    instructions = parts.instructions.of_owner(store, SlackMembers(slack.owner.client, slack.users))
    return ThreadSessions(
        SessionServices(
            me=slack.me.user,
            store=store,
            transcript=parts.transcript,
            settings=instructions,
            runner=await _open_turn_runner(stack, parts, store, ephemeral),
            commands=InstructionsCommands(instructions, parts.text_reader),
            approvals=parts.approvals,
            regeneration=RegenerationRights(
                parts.roles, SlackChannels(slack.owner.client, slack.users)
            ),
            ephemeral=ephemeral,
            alert=InstructionsAlert(instructions, ephemeral),
            senders=AppSenders(slack.users, ephemeral),
        )
    )


async def _open_turn_runner(
    stack: AsyncExitStack, parts: AnsweringParts, store: RecordStore, ephemeral: EphemeralMessages
) -> TurnRunner:
    slack, settings = parts.slack, parts.process.settings
    speech = Speech(parts.process.models.audio, slack.owner.uploads)
    stack.push_async_callback(speech.close)
    rate_limiter = RateLimiter(STREAMING_MODES[settings.streaming])
    recorder = RateRecorder(rate_limiter, store, slack.me.team)
    await recorder.open()
    stack.push_async_callback(recorder.close)
    replies = ActiveReplies(slack.owner.messenger, rate_limiter, ephemeral)
    stack.push_async_callback(replies.close)
    return TurnRunner(
        transcript=parts.transcript,
        replies=replies,
        semaphore=FairSemaphore(settings.max_replies),
        agent=parts.agent,
        speech=speech,
    )


def _never() -> bool:
    return False
