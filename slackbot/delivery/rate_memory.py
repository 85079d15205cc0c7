"""What a workspace's rate budgets have counted and learned, as it outlives a restart.

Times are in seconds since the epoch.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from slackbot.conversation.ids import ChannelId, TeamId


@dataclass(frozen=True, slots=True)
class BudgetMemory:
    """The state of one rate budget."""

    allowance: float
    windows_before_rise: int
    leave: tuple[float, ...] = ()
    """When each call stops counting."""
    closed_until: float = 0.0


@dataclass(frozen=True, slots=True)
class RateMemory:
    """The state of a workspace's budgets."""

    methods: Mapping[str, BudgetMemory] = field(default_factory=dict)
    channels: Mapping[ChannelId, BudgetMemory] = field(default_factory=dict)
    """For the posts of each channel."""
    lengths: tuple[float, ...] = ()
    """How many seconds the latest replies took to write."""
    follow_ups: float | None = None
    """How many replies are written at once, in the mean, in the minute after a first one."""


class RateMemoryStore(Protocol):
    """Both methods raise StoreError."""

    async def rates(self, team: TeamId) -> RateMemory | None: ...

    async def save_rates(self, team: TeamId, rates: RateMemory) -> None: ...
