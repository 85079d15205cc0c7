"""The tools that are offered to the model for one answer.

An offer is made once, for one person. A call is resolved to one of its tools, and that object is
what is approved and run. What is not in the offer can't be called, and where a source has replaced
a tool meanwhile, its call does not run.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

from slackbot.conversation.history import ToolCall
from slackbot.conversation.roles import Role
from slackbot.llm.tool_calls import Caller, ToolDefinition


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


@dataclass(frozen=True, slots=True)
class ToolOffer:
    tools: Mapping[str, RunnableTool] = field(default_factory=dict)
    """By name, in the order in which the model reads them."""
    role: Role = Role.OUTSIDER
    """The role of the person whom they are for."""
    reserved: frozenset[str] = frozenset()
    """The names of the tools that this role does not allow."""

    @property
    def definitions(self) -> tuple[ToolDefinition, ...]:
        return tuple(tool.definition for tool in self.tools.values())

    def without(self, names: Collection[str]) -> "ToolOffer":
        """The offer without the tools of these names."""
        left = {name: tool for name, tool in self.tools.items() if name not in names}
        return replace(self, tools=left)


class Tools(Protocol):
    @property
    def highest_role(self) -> Role:
        """The role that can use all the tools there are now."""

    async def refresh(self) -> None:
        """Looks at what other replicas may have changed, such as which tools admins accepted."""

    def offer(self, role: Role) -> ToolOffer:
        """The tools for people with this role."""

    def problem(self, tool: RunnableTool, call: ToolCall) -> str | None:
        """Why a call can't be run, for the model to read; nobody is asked to approve it then."""

    async def run(self, tool: RunnableTool, call: ToolCall, caller: Caller) -> str:
        """Runs a call of a tool that was offered. Gives its result, or what went wrong, for the
        model to read. Ends soon when it is cancelled.
        """
