"""What the servers of tools declared when the bot first saw them, and what they changed since.

A server can change what a tool does, and how it describes it to the model, at any time. What it
declares first is pinned; a change counts once an admin has accepted it.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from slackbot.conversation.ids import TeamId

Aspect = Literal["description", "parameters", "annotations"]


@dataclass(frozen=True, slots=True)
class ToolDeclaration:
    """What a server declares about one of its tools."""

    description: str
    parameters: str
    """The JSON schema of the arguments, as JSON with its keys in order."""
    annotations: str
    """What the server says the tool does, such as that it only reads; in the same form."""

    def differences(self, other: "ToolDeclaration") -> tuple[Aspect, ...]:
        """The parts that are not the same."""
        parts: dict[Aspect, bool] = {
            "description": self.description != other.description,
            "parameters": self.parameters != other.parameters,
            "annotations": self.annotations != other.annotations,
        }
        return tuple(part for part, differs in parts.items() if differs)


@dataclass(frozen=True, slots=True)
class ServerPins:
    """The declarations of one server's tools that count, by the tools' names."""

    tools: Mapping[str, ToolDeclaration] = field(default_factory=dict)
    told: tuple[str, ...] = ()
    """The identities of the changes that admins were told about last."""
    told_at: int = 0
    """When that was, in seconds since the epoch."""


@dataclass(frozen=True, slots=True)
class ToolChange:
    """A declaration that no admin has accepted."""

    server: str
    tool: str
    declaration: ToolDeclaration
    pinned: ToolDeclaration | None
    """None for a tool that the server did not have when it was first seen."""

    @property
    def identity(self) -> str:
        """The same for the same change only: who accepts one accepts no other."""
        new = self.declaration
        parts = [self.server, self.tool, new.description, new.parameters, new.annotations]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


class PinStore(Protocol):
    """Where pins are stored. Every method may raise StoreError."""

    async def tool_pins(self, team: TeamId, server: str) -> ServerPins | None:
        """None for a server that was never seen; no tools where the pins can't be read."""

    async def all_tool_pins(self, team: TeamId) -> Mapping[str, ServerPins]:
        """Those of all servers that were seen, by the servers' names."""

    async def replace_tool_pins(
        self, team: TeamId, server: str, before: ServerPins | None, after: ServerPins
    ) -> bool:
        """Stores `after` in the place of `before`.

        Returns False, and changes nothing, if what is stored is not `before` any more, as another
        replica came first, or if the workspace has removed the app.
        """


class ToolReviews(Protocol):
    """The changes that wait for an admin."""

    def look(self) -> None:
        """Somebody looks at them: finds out which there are, if nobody knows yet."""

    def waiting(self) -> Sequence[ToolChange]: ...

    async def take_untold(self) -> Sequence[ToolChange]:
        """Those that admins have to be told about, which are noted as told. Raises StoreError."""

    async def accept(self, identity: str) -> bool:
        """Pins the change with this identity; false if it does not wait any more.

        The caller has made sure that an admin wants it. Raises StoreError.
        """
