"""Asks a person to approve a tool call, with buttons under the reply."""

import asyncio
import logging
from collections import deque
from dataclasses import dataclass

from slackbot.conversation.controls import Press
from slackbot.conversation.history import ToolCall
from slackbot.conversation.ids import UserId
from slackbot.conversation.messages import ThreadKey
from slackbot.conversation.roles import Role
from slackbot.llm.tool_calls import Caller, ToolDefinition
from slackbot.turns import texts
from slackbot.turns.role_directory import RoleDirectory

logger = logging.getLogger(__name__)

APPROVAL_SECONDS = 300.0
"""How long a person has to decide."""

MAX_REMEMBERED_CALLS = 1_000
"""How many of the last requests are remembered, so that their call IDs are not used again."""


@dataclass(frozen=True, slots=True)
class _Question:
    caller: Caller
    tool: ToolDefinition
    answer: "asyncio.Future[bool]"


class Approvals:
    def __init__(self, roles: RoleDirectory, timeout_seconds: float = APPROVAL_SECONDS) -> None:
        self._roles = roles
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

    async def request(self, call: ToolCall, caller: Caller, tool: ToolDefinition) -> bool | None:
        """Returns whether a person approves a call of a tool; None if nobody decides in time."""
        key = (caller.channel, caller.thread, call.id)
        answer: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._questions[key] = _Question(caller, tool, answer)
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
            return texts.ALREADY_DECIDED
        if refusal := await self._refusal(press.user, question, yes=yes):
            return refusal
        if question.answer.done():
            return texts.ALREADY_DECIDED
        question.answer.set_result(yes)
        logger.info("%s %s a tool call", press.user, "approved" if yes else "declined")
        return ""

    async def _refusal(self, user: UserId, question: _Question, *, yes: bool) -> str:
        """Returns why a person may not decide, or an empty string. The person who asked may always
        say no; anybody else is an admin, and a yes needs the role that the tool asks for. Slack is
        asked at the press: an earlier role may have been taken from the person.
        """
        is_requester = user == question.caller.user
        if is_requester and not yes:
            return ""
        role = await self._roles.role_now(user)
        if role is None:
            return texts.UNKNOWN_ROLE
        if not is_requester and role < Role.ADMIN:
            return texts.ONLY_REQUESTER.format(user=question.caller.user)
        if yes and role < question.tool.role:
            return texts.ROLE_TOO_LOW.format(people=texts.PEOPLE_BY_ROLE[question.tool.role])
        return ""
