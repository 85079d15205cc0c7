"""What is sent to the app, and sent again until the app acknowledges it."""

import asyncio
import time
from dataclasses import dataclass, field
from typing import Literal

from slackbot.playground.wire import Json

DeliveryKind = Literal["events_api", "slash_commands", "interactive"]


class UnacknowledgedError(Exception):
    """An attempt that the app did not acknowledge. `final`: another one has no prospects."""

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
    """Number of the present attempt as the app sees it; 0 is the first."""
    retry_reason: str = ""
    attempts: int = 0
    acknowledged: bool = False
    response: Json | None = None
    """What came with the acknowledgement."""
    settled: asyncio.Event = field(default_factory=asyncio.Event)
    """Set once it is acknowledged or given up."""
    held: bool = False
    """Whether the workspace holds it back; see `Workspace.hold_events`."""
    started: float = field(default_factory=time.monotonic)

    @property
    def event(self) -> Json:
        """The inner event of an Events API delivery; empty for the other kinds."""
        event: Json = self.payload.get("event", {})
        return event
