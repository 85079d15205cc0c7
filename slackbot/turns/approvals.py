"""Asks a person to approve a tool call, with buttons under the reply."""

import asyncio
import logging
import secrets
from dataclasses import dataclass

from slackbot.conversation.controls import Press
from slackbot.conversation.ids import UserId
from slackbot.conversation.roles import Role
from slackbot.llm.tool_calls import Caller, ToolDefinition
from slackbot.turns import texts
from slackbot.turns.role_directory import RoleDirectory

logger = logging.getLogger(__name__)

APPROVAL_SECONDS = 300.0
"""How long a person has to decide, from when they can see the question."""

QUESTION_ID_BYTES = 12


class NoButtonsError(Exception):
    """Slack shows a question without its buttons, so nobody can decide."""


@dataclass(frozen=True, slots=True)
class _Question:
    caller: Caller
    tool: ToolDefinition
    answer: "asyncio.Future[bool]"
    deadline: asyncio.Timeout
    """It has no time until Slack shows the question."""


class Approvals:
    def __init__(self, roles: RoleDirectory) -> None:
        self._roles = roles
        self._questions: dict[str, _Question] = {}
        """By their IDs."""

    @staticmethod
    def new_question() -> str:
        """Returns an ID that no other question has, of this process or another. So a late press of
        a button approves no other call.
        """
        return secrets.token_urlsafe(QUESTION_ID_BYTES)

    async def request(self, question: str, caller: Caller, tool: ToolDefinition) -> bool | None:
        """Returns whether a person approves a call of a tool; None if nobody decides in time.

        The time begins when Slack shows the question, see `shown`. Raises NoButtonsError.
        """
        answer: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(None) as deadline:
                self._questions[question] = _Question(caller, tool, answer, deadline)
                return await answer
        except TimeoutError:
            return None
        finally:
            self._questions.pop(question, None)

    def shown(self, question: str) -> None:
        """Notes that Slack shows a question. From the first time on, people have time to decide."""
        asked = self._questions.get(question)
        if asked is not None and asked.deadline.when() is None:
            now = asyncio.get_running_loop().time()
            asked.deadline.reschedule(now + APPROVAL_SECONDS)

    def withdraw(self, question: str) -> None:
        """Notes that Slack shows a question without its buttons."""
        asked = self._questions.get(question)
        if asked is not None and not asked.answer.done():
            asked.answer.set_exception(NoButtonsError)

    async def decide(self, press: Press, *, yes: bool) -> str:
        """Handles a press of a button. Returns a sentence for that person, or an empty string."""
        question = self._questions.get(press.call)
        if question is None or not _is_where(press, question.caller):
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


def _is_where(press: Press, caller: Caller) -> bool:
    """Whether a button was pressed in the thread in which the question stands."""
    thread = press.thread
    return (thread.team, thread.channel, thread.ts) == (caller.team, caller.channel, caller.thread)
