"""All the tools there are, from every source. Each call runs within its tool's time limit."""

import asyncio
import logging
from collections.abc import Sequence
from itertools import islice
from typing import Protocol

from slackbot.background import note_outcome
from slackbot.conversation.history import NOT_RUN, ToolCall
from slackbot.conversation.roles import Role
from slackbot.errors import ToolError, ToolNotRunError
from slackbot.llm.tool_calls import Caller
from slackbot.llm.tool_offer import RunnableTool, ToolOffer
from slackbot.tools import texts

logger = logging.getLogger(__name__)

MAX_TOOLS = 128
"""OpenAI takes no more in one request:
https://platform.openai.com/docs/api-reference/chat/create#chat-create-tools
"""

CANCEL_GRACE_SECONDS = 1.0
"""How long a cancelled tool may take to end before the bot stops waiting for it."""


class ToolSource(Protocol):
    def available_tools(self) -> Sequence[RunnableTool]:
        """The tools that can be called now, as known since the last `refresh()`."""

    async def refresh(self) -> None:
        """Looks at what other replicas may have changed."""


class ToolRegistry:
    """If two tools have the same name, the first one counts."""

    def __init__(self, tools: Sequence[RunnableTool], sources: Sequence[ToolSource] = ()) -> None:
        """`tools` are always there; `sources` add those that they have at the moment."""
        self._tools = tools
        self._sources = sources
        self._cancelled: set[asyncio.Task[str]] = set()
        self._left_out: set[str] = set()
        """The names that were logged."""

    @property
    def highest_role(self) -> Role:
        """The role that can use all the tools there are now."""
        roles = (tool.definition.role for tool in self._by_name().values())
        return max(roles, default=Role.OUTSIDER)

    async def refresh(self) -> None:
        for source in self._sources:
            await source.refresh()

    def offer(self, role: Role) -> ToolOffer:
        """The tools that people with this role can use, as they are now."""
        every = self._by_name()
        allowed = {name: tool for name, tool in every.items() if role >= tool.definition.role}
        self._log_left_out([*allowed][MAX_TOOLS:])
        offered = dict(islice(allowed.items(), MAX_TOOLS))
        return ToolOffer(offered, role, frozenset(every.keys() - allowed.keys()))

    def problem(self, tool: RunnableTool, call: ToolCall) -> str | None:
        """What the model reads instead of a result if a call can't run; None if it may."""
        if self._by_name().get(tool.definition.name) != tool:
            return texts.CHANGED
        try:
            tool.validate(call.arguments)
        except ToolError as err:
            return texts.NOT_RUN_BECAUSE.format(problem=err.user_message)
        return None

    async def run(self, tool: RunnableTool, call: ToolCall, caller: Caller) -> str:
        """Runs a call of a tool that was offered, unless the tool is another one by now. Returns
        what the model reads: the result, or what went wrong.
        """
        if (problem := self.problem(tool, call)) is not None:
            return problem
        task = asyncio.ensure_future(tool.run(call.arguments, caller))
        try:
            await asyncio.wait({task}, timeout=tool.time_limit)
        finally:
            if not task.done():
                await self._cancel(task)
        return _outcome(tool.definition.name, task, tool.time_limit)

    async def close(self) -> None:
        """Cancels what is still running."""
        for task in self._cancelled:
            task.cancel()
        if self._cancelled:
            await asyncio.wait(self._cancelled, timeout=CANCEL_GRACE_SECONDS)

    def _log_left_out(self, names: Sequence[str]) -> None:
        """Each name once: people of different roles have different tools left out."""
        if self._left_out.issuperset(names):
            return
        self._left_out.update(names)
        logger.warning(
            "The model can't use these tools, as OpenAI takes no more than %d at once: %s",
            MAX_TOOLS,
            ", ".join(names),
        )

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
        task.add_done_callback(note_outcome)
        task.cancel()
        await asyncio.wait({task}, timeout=CANCEL_GRACE_SECONDS)


def _outcome(name: str, task: "asyncio.Task[str]", time_limit: float) -> str:
    if not task.done() or (task.cancelled() and task.cancelling()):
        return texts.TIMED_OUT.format(limit=time_limit)
    if task.cancelled():
        return texts.RAISED.format(error="CancelledError")
    error = task.exception()
    if error is None:
        return _of_run(task.result())
    if isinstance(error, ToolNotRunError):
        return texts.NOT_RUN_BECAUSE.format(problem=error.user_message)
    if isinstance(error, ToolError):
        return _of_run(texts.ERROR.format(problem=error.user_message))
    logger.error("The tool %s failed", name, exc_info=error)
    return texts.RAISED.format(error=type(error).__name__)


def _of_run(result: str) -> str:
    """The result of a tool that was run: it can't say of itself that it was not, and hide so from
    people that it was used.
    """
    return texts.CLAIMS_NOT_RUN + result if result.startswith(NOT_RUN) else result
