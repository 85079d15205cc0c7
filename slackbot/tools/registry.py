"""All the tools there are, wherever they come from; each runs within its time limit."""

import asyncio
import logging
from collections.abc import Sequence
from typing import Protocol

from slackbot.conversation.history import ToolCall
from slackbot.errors import ToolError
from slackbot.llm.tool_calls import Caller, ToolDefinition, unknown_tool

logger = logging.getLogger(__name__)

MOST = 128
"""OpenAI takes no more in one request."""

ERROR = "Error: {problem}"
LATE = "Error: it took longer than {limit:g} seconds and was given up. It may have taken effect."
RAISED = "Error: it failed ({kind}). The bot's log says more."

PATIENCE = 1.0
"""Seconds that a tool which is given up gets to end in, before nobody waits for it any more."""


class RunnableTool(Protocol):
    @property
    def tool(self) -> ToolDefinition: ...

    @property
    def time_limit(self) -> float:
        """Seconds."""

    def check(self, arguments: str) -> None:
        """Raises ToolError for arguments that are known not to fit."""

    async def run(self, arguments: str, caller: Caller) -> str:
        """The result for a JSON object. Raises ToolError; anything else is an accident."""


class ToolSource(Protocol):
    def runnables(self) -> Sequence[RunnableTool]:
        """What can be called now."""


class ToolRegistry:
    """Where two are called the same, the first one counts."""

    def __init__(self, fixed: Sequence[RunnableTool], sources: Sequence[ToolSource] = ()) -> None:
        self._fixed = fixed
        self._sources = sources
        self._given_up: set[asyncio.Task[str]] = set()

    def tools(self) -> Sequence[ToolDefinition]:
        return [runnable.tool for runnable in self._runnables().values()][:MOST]

    def problem(self, call: ToolCall) -> str | None:
        """What the model is to read of a call that can't be run; None if nothing is known of it."""
        runnable = self._runnables().get(call.name)
        if runnable is None:
            return unknown_tool(call.name, self.tools())
        try:
            runnable.check(call.arguments)
        except ToolError as err:
            return ERROR.format(problem=err.user_message)
        return None

    async def use(self, call: ToolCall, caller: Caller) -> str:
        """What the model is to read of a call's result; what goes wrong is told it there."""
        runnable = self._runnables().get(call.name)
        if runnable is None:
            return unknown_tool(call.name, self.tools())
        task = asyncio.ensure_future(runnable.run(call.arguments, caller))
        try:
            await asyncio.wait({task}, timeout=runnable.time_limit)
        finally:
            if not task.done():
                await self._give_up(task)
        return self._result(call.name, task, runnable.time_limit)

    async def close(self) -> None:
        """Gives up what is still running."""
        for task in self._given_up:
            task.cancel()
        if self._given_up:
            await asyncio.wait(self._given_up, timeout=PATIENCE)

    def _runnables(self) -> dict[str, RunnableTool]:
        there: dict[str, RunnableTool] = {}
        for runnable in (*self._fixed, *(each for it in self._sources for each in it.runnables())):
            there.setdefault(runnable.tool.name, runnable)
        return there

    async def _give_up(self, task: "asyncio.Task[str]") -> None:
        """It gets a moment to put its things in order, but need not end."""
        self._given_up.add(task)
        task.add_done_callback(self._given_up.discard)
        task.add_done_callback(_looked_at)
        task.cancel()
        await asyncio.wait({task}, timeout=PATIENCE)

    def _result(self, name: str, task: "asyncio.Task[str]", limit: float) -> str:
        if not task.done() or (task.cancelled() and task.cancelling()):
            return LATE.format(limit=limit)
        if task.cancelled():
            return RAISED.format(kind="CancelledError")
        error = task.exception()
        if error is None:
            return task.result()
        if isinstance(error, ToolError):
            return ERROR.format(problem=error.user_message)
        logger.error("The tool %s failed", name, exc_info=error)
        return RAISED.format(kind=type(error).__name__)


def _looked_at(task: "asyncio.Task[str]") -> None:
    """Nobody waits for it any more, so nobody need be told how it ended."""
    if not task.cancelled():
        task.exception()
