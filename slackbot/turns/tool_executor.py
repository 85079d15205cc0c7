"""Runs the tools that the model calls, and asks for approval where a tool requires it."""

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

from slackbot.conversation.deltas import (
    ApprovalRequestDelta,
    ApprovalResponseDelta,
    NoteDelta,
    ToolResultDelta,
)
from slackbot.conversation.history import ToolCall
from slackbot.delivery.approval_question import approval_question
from slackbot.llm import tool_calls
from slackbot.llm.tool_calls import Caller
from slackbot.llm.tool_offer import RunnableTool, ToolOffer, Tools
from slackbot.turns import texts
from slackbot.turns.approvals import Approvals, NoButtonsError
from slackbot.turns.kept_results import KeptResults
from slackbot.turns.role_directory import RoleDirectory
from slackbot.turns.turn_slot import TurnSlot

logger = logging.getLogger(__name__)

ToolProgress = ToolResultDelta | ApprovalRequestDelta | ApprovalResponseDelta | NoteDelta


MAX_DECLINED_IN_A_ROW = 3
"""Questions of one answer. A person who says no so often is asked nothing more: a model that goes
on asking waits for a press by mistake.
"""


class ToolExecutor:
    """Runs the tools of one answer for one caller, out of those that the model was offered."""

    def __init__(
        self,
        tools: Tools,
        approvals: Approvals,
        roles: RoleDirectory,
        *,
        caller: Caller,
        slot: TurnSlot,
        kept: KeptResults | None = None,
    ) -> None:
        """The `slot` is given back while nothing of a round goes on but questions to people. With
        `kept` results, only tools that change nothing run.
        """
        self._tools = tools
        self._approvals = approvals
        self._roles = roles
        self._offer = ToolOffer()
        self._caller = caller
        self._slot = slot
        self._kept = kept
        self._working = 0
        """How many calls go on, other than those that wait for a person."""
        self._waiting = 0
        self._approval_lock = asyncio.Lock()
        self._progress: asyncio.Queue[ToolProgress] = asyncio.Queue()
        self._declined_in_a_row = 0
        self._nobody_answers = False
        """A question has found no answer in time, so the next one would not."""

    async def run(
        self, calls: Sequence[ToolCall], offer: ToolOffer
    ) -> AsyncGenerator[ToolProgress, None]:
        """Runs the calls of a round concurrently, out of the `offer`; yields requests for approval,
        their ends, and results.

        Closing the generator cancels calls that still run.
        """
        self._offer, self._working = offer, len(calls)
        running = [asyncio.create_task(self._run(call)) for call in calls]
        awaited = {call.id for call in calls}
        try:
            while awaited:
                progress = await self._progress.get()
                if isinstance(progress, ToolResultDelta):
                    awaited.discard(progress.call_id)
                yield progress
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)

    def unread_results(self) -> list[ToolResultDelta]:
        """Returns the results that had arrived when `run` was closed, and were not yielded."""
        unread = [self._progress.get_nowait() for _ in range(self._progress.qsize())]
        return [each for each in unread if isinstance(each, ToolResultDelta)]

    async def _run(self, call: ToolCall) -> None:
        try:
            result = await self._result(call)
        except Exception:  # a bug must not leave the model without a result
            logger.exception("A tool could not be used")
            result = tool_calls.FAILED
        self._working -= 1
        self._share_slot()
        self._progress.put_nowait(ToolResultDelta(call.id, result))

    async def _result(self, call: ToolCall) -> str:
        tool = self._offer.tools.get(call.name)
        if tool is None:
            return tool_calls.unknown_tool(call.name, self._offer.definitions)
        if self._kept is not None and not tool.definition.is_repeatable:
            return self._kept.result(call)
        caller = await self._caller_of(tool)
        if caller is not None and tool.definition.requires_approval:
            refusal = await self._refusal(tool, call)
            if refusal is not None:
                return refusal
            caller = await self._caller_of(tool)  # the approval may have taken minutes
        if caller is None:
            return tool_calls.NOT_FOR_THEM
        return tool_calls.truncate_result(await self._tools.run(tool, call, caller))

    async def _caller_of(self, tool: RunnableTool) -> Caller | None:
        """The caller with the role they have now; None if it does not allow the tool."""
        role = await self._roles.role(self._caller.user)
        return replace(self._caller, role=role) if role >= tool.definition.role else None

    async def _refusal(self, tool: RunnableTool, call: ToolCall) -> str | None:
        """Asks for approval, one call at a time. Returns why the call is not run, or None."""
        if (problem := self._tools.problem(tool, call)) is not None:
            return problem
        if approval_question(call) is None:
            return tool_calls.TOO_LONG_TO_APPROVE
        async with self._waiting_for_people(), self._approval_lock:
            if self._nobody_answers:
                return tool_calls.APPROVAL_TIMED_OUT
            if self._declined_in_a_row >= MAX_DECLINED_IN_A_ROW:
                return tool_calls.REJECTED_WITHOUT_QUESTION
            question = self._approvals.new_question()
            review = tool.definition.review
            self._progress.put_nowait(ApprovalRequestDelta(call, question, review))
            try:
                approved = await self._approvals.request(question, self._caller, tool.definition)
            except NoButtonsError:
                self._progress.put_nowait(NoteDelta(texts.NO_BUTTONS.format(name=call.name)))
                return tool_calls.NO_BUTTONS
            finally:
                self._progress.put_nowait(ApprovalResponseDelta())
            self._nobody_answers = approved is None
            self._declined_in_a_row = 0 if approved else self._declined_in_a_row + 1
        refusals = {None: tool_calls.APPROVAL_TIMED_OUT, False: tool_calls.REJECTED, True: None}
        return refusals[approved]

    @asynccontextmanager
    async def _waiting_for_people(self) -> AsyncIterator[None]:
        """The call does nothing while the block runs, and has a slot again after it."""
        self._working -= 1
        self._waiting += 1
        self._share_slot()
        try:
            yield
        finally:
            self._waiting -= 1
            self._working += 1
        await self._slot.take_again()

    def _share_slot(self) -> None:
        if self._waiting and not self._working:
            self._slot.give_back()
