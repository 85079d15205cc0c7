"""What the database knows about leases, and does with them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from slackbot.conversation.ids import TeamId
from slackbot.workspaces.lease import Lease

Presence = Literal["here", "leaving"]
"""Whether a replica takes its share of the workspaces; one that leaves keeps what it still has."""


@dataclass(frozen=True, slots=True)
class Census:
    """What the database says at a heartbeat."""

    leases: frozenset[Lease]
    """Those that the replica still has; all of them were renewed just now."""
    owned: Mapping[str, int] = field(default_factory=dict)
    """How many workspaces each live replica owns that takes its share, by its ID."""
    workspaces: int = 0
    """How many there are, owned or not."""
    next_expiry_seconds: float | None = None
    """When the next lease of another replica expires unless that one renews it."""


class LeaseStore(Protocol):
    """The leases in the database. Each operation ends within seconds.

    All raise StoreError if the database can't be reached or does not answer; whether the operation
    took effect is unknown then.
    """

    async def beat(self, replica: str, seconds: float, presence: Presence) -> Census:
        """Says that the replica lives, and renews its leases that have not expired."""
        ...

    async def claim(
        self, replica: str, most: int, seconds: float, *, excluding: Collection[TeamId] = ()
    ) -> Sequence[Lease]:
        """Gives the replica up to `most` workspaces that nobody owns, other than `excluding`."""
        ...

    async def release(self, leases: Collection[Lease]) -> None:
        """Gives leases up, and wakes the other replicas. A lease that is lost already is left."""
        ...

    async def add(self, team: TeamId) -> None:
        """From now on somebody owns the workspace.

        Nothing changes if it is there already, or if it has removed the app.
        """
        ...
