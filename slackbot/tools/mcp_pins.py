"""Pins what MCP servers declare at first sight, and keeps what they change for an admin.

Other replicas change the same pins. So each change is made to what is stored, and what is kept here
is only as new as the last look.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
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
        self._list_again: list[Callable[[], Awaitable[None]]] = []
        self._on_look: list[Callable[[], None]] = []
        self._lock = asyncio.Lock()
        """Held while pins are read, changed and written."""

    def on_review(self, listener: Callable[[], None]) -> None:
        """Calls a function when a server has listed its tools, and when a change was accepted."""
        self._listeners.append(listener)

    def on_look(self, begin: Callable[[], None]) -> None:
        """Calls a function when somebody looks at the changes."""
        self._on_look.append(begin)

    def on_unknown_change(self, list_again: Callable[[], Awaitable[None]]) -> None:
        """Calls a function when an admin accepts what no server has listed here: another replica
        may have asked a server later.
        """
        self._list_again.append(list_again)

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

    async def refresh(self) -> None:
        """Reads what other replicas may have changed. What was known counts on if that fails."""
        before = dict(self._pins)
        try:
            async with self._lock:
                await self._load_all()
        except StoreError as err:
            logger.warning("The tools that admins have accepted can't be read (%s)", err.detail)
        if self._pins != before:
            self._call_listeners()

    def reviewed(self, server: str) -> Sequence[ReviewedTool]:
        """The tools that a server listed last, as they count now."""
        return review(self._pins.get(server, ServerPins()), self._listed.get(server, {}))

    def look(self) -> None:
        """Implements ToolReviews."""
        for begin in self._on_look:
            begin()

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
        accepted = await self._accept(identity)
        if not accepted:
            await asyncio.gather(*(list_again() for list_again in self._list_again))
            accepted = await self._accept(identity)
        self._call_listeners()
        return accepted

    async def take_untold(self) -> Sequence[ToolChange]:
        """Implements ToolReviews."""
        due: list[ToolChange] = []
        now = int(self._clock())
        async with self._lock:
            await self._load_all()
            for server, pins in self._pins.items():
                changes = [each for each in self.waiting() if each.server == server]
                identities = tuple(each.identity for each in changes)
                new = set(identities).difference(pins.told)
                if not new or 0 <= now - pins.told_at < TELL_SECONDS:
                    continue
                told = replace(pins, told=identities, told_at=now)
                if await self._replace(server, pins, told):
                    due += changes
        return due

    async def _accept(self, identity: str) -> bool:
        accepted = False
        async with self._lock:
            while not accepted:
                await self._load_all()
                change = next((each for each in self.waiting() if each.identity == identity), None)
                if change is None:
                    break
                pins = self._pins[change.server]
                tools = {**pins.tools, change.tool: change.declaration}
                accepted = await self._replace(change.server, pins, replace(pins, tools=tools))
        return accepted

    async def _load(self, server: str) -> None:
        """Reads the pins of a server, or pins what it lists: not before it lists something."""
        listed = self._listed[server]
        if not listed:
            return
        stored = await self._store.tool_pins(self._team, server)
        if stored is not None:
            self._pins[server] = stored
        elif not await self._replace(server, None, ServerPins(dict(listed))):
            await self._load_all()

    async def _load_all(self) -> None:
        """Reads the pins of all servers that have listed tools."""
        if self._listed:
            stored = await self._store.all_tool_pins(self._team)
            self._pins = {name: pins for name, pins in stored.items() if name in self._listed}

    async def _replace(self, server: str, before: ServerPins | None, after: ServerPins) -> bool:
        """False if another replica came first."""
        replaced = await self._store.replace_tool_pins(self._team, server, before, after)
        if replaced:
            self._pins[server] = after
        return replaced

    def _call_listeners(self) -> None:
        for listener in self._listeners:
            listener()
