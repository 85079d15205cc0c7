"""Pins what MCP servers declare at first sight, and keeps what they change for an admin."""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from slackbot.conversation.deltas import ToolReview
from slackbot.conversation.ids import TeamId
from slackbot.errors import StoreError
from slackbot.llm.tool_pins import PinStore, ServerPins, ToolChange, ToolDeclaration

logger = logging.getLogger(__name__)

TELL_SECONDS = 24 * 60 * 60
"""Admins are told of a server's changes at most once in this time: it may change every minute."""


@dataclass(frozen=True, slots=True)
class ReviewedTool:
    """A tool of a server, as it counts now."""

    name: str
    declaration: ToolDeclaration
    """The pinned one, if there is one."""
    accepted: bool
    """The server declares it so, or an admin has accepted what it declares."""
    known: bool = True
    """It has a pinned declaration; otherwise its words are nobody's but the server's."""

    @property
    def review(self) -> ToolReview:
        if self.accepted:
            return "accepted"
        return "changed" if self.known else "new"


def review(pins: ServerPins, listed: Mapping[str, ToolDeclaration]) -> list[ReviewedTool]:
    """The tools that a server lists, each with the declaration that counts."""
    return [
        ReviewedTool(name, pins.tools[name], accepted=pins.tools[name] == declaration)
        if name in pins.tools
        else ReviewedTool(name, declaration, accepted=False, known=False)
        for name, declaration in listed.items()
    ]


class McpPins:
    """The pins of all servers of a workspace."""

    def __init__(
        self, store: PinStore, team: TeamId, clock: Callable[[], float] = time.time
    ) -> None:
        self._store = store
        self._team = team
        self._clock = clock
        self._pins: dict[str, ServerPins] = {}
        self._listed: dict[str, Mapping[str, ToolDeclaration]] = {}
        self._listeners: list[Callable[[], None]] = []
        self._lock = asyncio.Lock()
        """Held while pins are read, changed and written."""

    def on_review(self, listener: Callable[[], None]) -> None:
        """Calls a function when a server has listed its tools, and when a change was accepted."""
        self._listeners.append(listener)

    async def take(self, server: str, listed: Mapping[str, ToolDeclaration]) -> None:
        """Takes in what a server lists; what it lists first is pinned.

        Nothing is accepted while the store can't be read or written.
        """
        self._listed[server] = listed
        try:
            async with self._lock:
                await self._load(server)
        except StoreError as err:
            logger.warning("MCP server %s: its tools can't be pinned (%s)", server, err.detail)
        self._call_listeners()

    def reviewed(self, server: str) -> Sequence[ReviewedTool]:
        """The tools that a server listed last, as they count now."""
        return review(self._pins.get(server, ServerPins()), self._listed.get(server, {}))

    def waiting(self) -> Sequence[ToolChange]:
        """The changes that no admin has accepted."""
        return [
            ToolChange(server, name, declaration, pins.tools.get(name))
            for server, pins in self._pins.items()
            for name, declaration in self._listed.get(server, {}).items()
            if pins.tools.get(name) != declaration
        ]

    async def accept(self, identity: str) -> bool:
        """Implements ToolReviews."""
        async with self._lock:
            change = next((each for each in self.waiting() if each.identity == identity), None)
            if change is None:
                return False
            pins = self._pins[change.server]
            tools = {**pins.tools, change.tool: change.declaration}
            await self._save(change.server, replace(pins, tools=tools))
        self._call_listeners()
        return True

    async def take_untold(self) -> Sequence[ToolChange]:
        """Implements ToolReviews."""
        due: list[ToolChange] = []
        now = int(self._clock())
        async with self._lock:
            for server, pins in self._pins.items():
                changes = [each for each in self.waiting() if each.server == server]
                identities = tuple(each.identity for each in changes)
                new = set(identities).difference(pins.told)
                if new and not 0 <= now - pins.told_at < TELL_SECONDS:
                    await self._save(server, replace(pins, told=identities, told_at=now))
                    due += changes
        return due

    async def _load(self, server: str) -> None:
        """Reads the pins of a server, or pins what it lists: not before it lists something."""
        listed = self._listed[server]
        if server in self._pins or not listed:
            return
        stored = await self._store.tool_pins(self._team, server)
        if stored is None:
            stored = ServerPins(dict(listed))
            await self._store.save_tool_pins(self._team, server, stored)
        self._pins[server] = stored

    async def _save(self, server: str, pins: ServerPins) -> None:
        await self._store.save_tool_pins(self._team, server, pins)
        self._pins[server] = pins

    def _call_listeners(self) -> None:
        for listener in self._listeners:
            listener()
