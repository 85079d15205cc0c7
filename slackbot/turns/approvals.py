"""Asks a person to approve a tool call, with buttons under the reply."""

import asyncio
import logging
from collections import deque
from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol

from slackbot.conversation.controls import Press
from slackbot.conversation.history import ToolCall
from slackbot.conversation.ids import UserId
from slackbot.conversation.messages import ThreadKey
from slackbot.conversation.roles import Member, is_admin
from slackbot.errors import SlackError
from slackbot.llm.tool_calls import Caller
from slackbot.turns.texts import ALREADY_DECIDED, ONLY_REQUESTER

logger = logging.getLogger(__name__)

APPROVAL_SECONDS = 300.0
"""How long a person has to decide."""

MAX_REMEMBERED_CALLS = 1_000
"""How many of the last requests are remembered, so that their call IDs are not used again."""


class MemberDirectory(Protocol):
    """The roles of people. May raise SlackError."""

    async def member(self, user: UserId) -> Member: ...


@dataclass(frozen=True, slots=True)
class _Question:
    caller: Caller
    answer: "asyncio.Future[bool]"


class Approvals:
    def __init__(
        self,
        members: MemberDirectory,
        admins: Collection[UserId],
        timeout_seconds: float = APPROVAL_SECONDS,
    ) -> None:
        """`admins` are the user IDs of people who may approve, like the workspace's own admins."""
        self._members = members
        self._admins = admins
        self._timeout_seconds = timeout_seconds
        self._questions: dict[tuple[str, str, str], _Question] = {}
        """By channel, thread and call ID."""
        self._asked: deque[tuple[str, str, str]] = deque(maxlen=MAX_REMEMBERED_CALLS)

    def asked(self, thread: ThreadKey) -> set[str]:
        """Returns the call IDs that people were asked about in a thread. They are not used again:
        a late press of a button must not approve another call.
        """
        here = (thread.channel, thread.ts)
        return {call for channel, ts, call in self._asked if (channel, ts) == here}

    async def request(self, call: ToolCall, caller: Caller) -> bool | None:
        """Returns whether a person approves a call; None if nobody decides in time."""
        key = (caller.channel, caller.thread, call.id)
        answer: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._questions[key] = _Question(caller, answer)
        self._asked.append(key)
        try:
            async with asyncio.timeout(self._timeout_seconds):
                return await answer
        except TimeoutError:
            return None
        finally:
            del self._questions[key]

    async def decide(self, press: Press, *, yes: bool) -> str:
        """Handles a press of a button. Returns a sentence for that person, or an empty string."""
        question = self._questions.get((press.thread.channel, press.thread.ts, press.call))
        if question is None:
            return ALREADY_DECIDED
        if not await self._may_decide(press.user, question.caller):
            return ONLY_REQUESTER.format(user=question.caller.user)
        if question.answer.done():
            return ALREADY_DECIDED
        question.answer.set_result(yes)
        logger.info("%s %s a tool call", press.user, "approved" if yes else "declined")
        return ""

    async def _may_decide(self, user: UserId, caller: Caller) -> bool:
        if user == caller.user:
            return True
        try:
            return is_admin(await self._members.member(user), admins=self._admins)
        except SlackError:  # without roles, there are no admins
            return False
