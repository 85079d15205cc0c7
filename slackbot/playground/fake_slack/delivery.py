"""A delivery to the app, which is repeated until the app acknowledges it."""

import asyncio
import time
from dataclasses import dataclass, field
from typing import Literal

from slackbot.playground.json_types import Json

DeliveryKind = Literal["events_api", "slash_commands", "interactive"]


class UnacknowledgedError(Exception):
    """The app did not acknowledge an attempt. `final` means that a retry would be useless."""

    def __init__(self, reason: str, *, final: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.final = final


@dataclass(slots=True, eq=False)
class Delivery:
    """An event, command or interaction on its way to the app."""

    kind: DeliveryKind
    payload: Json
    retry: int = 0
    """The number of the current retry as the app sees it; 0 is the first attempt."""
    retry_reason: str = ""
    attempts: int = 0
    acknowledged: bool = False
    response: Json | None = None
    """The body of the acknowledgement."""
    connection: object | None = None
    """The Socket Mode connection of the last attempt."""
    settled: asyncio.Event = field(default_factory=asyncio.Event)
    """Set once the delivery is acknowledged or given up."""
    held: bool = False
    """Whether the workspace holds the delivery back; see `Workspace.hold_events`."""
    started: float = field(default_factory=time.monotonic)

    @property
    def event(self) -> Json:
        """The event inside an Events API delivery; empty for other kinds."""
        event: Json = self.payload.get("event", {})
        return event
