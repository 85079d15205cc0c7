"""Who runs and who owns what, for people who look at it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from slackbot.conversation.ids import TeamId


@dataclass(frozen=True, slots=True)
class LastingLease:
    """A workspace that has an owner."""

    owner: str
    """The ID of a replica, which may have died since."""
    ends_at: float
    """When another replica may take over unless the owner renews it, in seconds since 1970 by the
    database's clock.
    """


@dataclass(frozen=True, slots=True)
class ReplicaOverview:
    replicas: Sequence[str] = ()
    """The IDs of those that have said in time that they live."""
    leases: Mapping[TeamId, LastingLease] = field(default_factory=dict)
    workspaces: int = 0
    """How many there are, with or without an owner."""


class OverviewReader(Protocol):
    async def read(self) -> ReplicaOverview:
        """Raises StoreError if the database can't be read."""
        ...
