"""All the tools there are, from every source. Each call runs within its tool's time limit."""

import asyncio
import logging
from collections.abc import Sequence
from typing import Protocol

from slackbot.conversation.history import ToolCall
from slackbot.errors import ToolError, ToolNotRunError
from slackbot.llm.tool_calls import Caller, ToolDefinition, unknown_tool
from slackbot.tools import texts

logger = logging.getLogger(__name__)

MAX_TOOLS = 128
"""OpenAI takes no more in one request:
https://platform.openai.com/docs/api-reference/chat/create#chat-create-tools
"""

CANCEL_GRACE_SECONDS = 1.0
"""How long a cancelled tool may take to end before the bot stops waiting for it."""


class RunnableTool(Protocol):
    @property
    def definition(self) -> ToolDefinition: ...

    @property
    def time_limit(self) -> float:
        """In seconds."""

    def validate(self, arguments: str) -> None:
        """Raises ToolError for arguments that are known to be wrong."""

    async def run(self, arguments: str, caller: Caller) -> str:
        """The result for a JSON object of arguments.

        Raises ToolError for the model to read. Any other error is a bug of the tool.
        """


class ToolSource(Protocol):
    def available_tools(self) -> Sequence[RunnableTool]:
        """The tools that can be called now."""


class ToolRegistry:
    """If two tools have the same name, the first one counts."""

    def __init__(self, tools: Sequence[RunnableTool], sources: Sequence[ToolSource] = ()) -> None:
        """`tools` are always there; `sources` add those that they have at the moment."""
        self._tools = tools
        self._sources = sources
        self._cancelled: set[asyncio.Task[str]] = set()

    def tools(self) -> Sequence[ToolDefinition]:
        return [tool.definition for tool in self._by_name().values()][:MAX_TOOLS]

    def problem(self, call: ToolCall) -> str | None:
        """What the model reads instead of a result if a call can't run; None if it may."""
        tool = self._by_name().get(call.name)
        if tool is None:
            return unknown_tool(call.name, self.tools())
        try:
            tool.validate(call.arguments)
        except ToolError as err:
            return texts.NOT_RUN_BECAUSE.format(problem=err.user_message)
        return None

    async def use(self, call: ToolCall, caller: Caller) -> str:
        """Runs a call. Returns what the model reads: the result, or what went wrong."""
        tool = self._by_name().get(call.name)
        if tool is None:
            return unknown_tool(call.name, self.tools())
        task = asyncio.ensure_future(tool.run(call.arguments, caller))
        try:
            await asyncio.wait({task}, timeout=tool.time_limit)
        finally:
            if not task.done():
                await self._cancel(task)
        return _outcome(call.name, task, tool.time_limit)

    async def close(self) -> None:
        """Cancels what is still running."""
        for task in self._cancelled:
            task.cancel()
        if self._cancelled:
            await asyncio.wait(self._cancelled, timeout=CANCEL_GRACE_SECONDS)

    def _by_name(self) -> dict[str, RunnableTool]:
        found: dict[str, RunnableTool] = {}
        dynamic = (tool for source in self._sources for tool in source.available_tools())
        for tool in (*self._tools, *dynamic):
            found.setdefault(tool.definition.name, tool)
        return found

    async def _cancel(self, task: "asyncio.Task[str]") -> None:
        """Waits a moment for the tool to clean up. A tool that does not end runs on alone."""
        self._cancelled.add(task)
        task.add_done_callback(self._cancelled.discard)
        task.add_done_callback(_retrieve_exception)
        task.cancel()
        await asyncio.wait({task}, timeout=CANCEL_GRACE_SECONDS)


def _outcome(name: str, task: "asyncio.Task[str]", time_limit: float) -> str:
    if not task.done() or (task.cancelled() and task.cancelling()):
        return texts.TIMED_OUT.format(limit=time_limit)
    if task.cancelled():
        return texts.RAISED.format(error="CancelledError")
    error = task.exception()
    if error is None:
        return task.result()
    if isinstance(error, ToolNotRunError):
        return texts.NOT_RUN_BECAUSE.format(problem=error.user_message)
    if isinstance(error, ToolError):
        return texts.ERROR.format(problem=error.user_message)
    logger.error("The tool %s failed", name, exc_info=error)
    return texts.RAISED.format(error=type(error).__name__)


def _retrieve_exception(task: "asyncio.Task[str]") -> None:
    """Keeps asyncio from logging an error of a task that nobody waits for."""
    if not task.cancelled():
        task.exception()
