"""One replica owns a workspace at a time, and the workspaces spread over the replicas."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from slackbot.conversation.ids import TeamId
from slackbot.workspaces.lease import Lease

LEASE_SECONDS = 15.0
"""How long a lease lasts unless it is renewed, by the database's clock."""

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
        self, replica: str, most: int, seconds: float, *, besides: Collection[TeamId] = ()
    ) -> Sequence[Lease]:
        """Gives the replica up to `most` workspaces that nobody owns, other than `besides`."""
        ...

    async def release(self, leases: Collection[Lease]) -> None:
        """Gives leases up, and wakes the other replicas. A lease that is lost already is left."""
        ...

    async def add(self, team: TeamId) -> None:
        """From now on somebody owns the workspace; nothing changes if it is there already."""
        ...

    async def remove(self, team: TeamId) -> None:
        """Nobody owns the workspace any more: what its owner writes fails from now on."""
        ...


class Owner(Protocol):
    """Answers in the workspaces that this replica owns.

    The calls for one lease follow each other; those for different leases overlap.
    """

    async def take(self, lease: Lease, holds: Callable[[], bool]) -> None:
        """Begins to answer, and returns.

        `holds()` says at each moment whether the replica may still act. If this raises, or is
        cancelled since the lease is lost, it undoes what it began: neither `lose` nor `hand_over`
        follows. The workspace is then tried again, here or by another replica.
        """
        ...

    async def lose(self, lease: Lease) -> None:
        """Stops at once, without touching Slack further. Another replica may own by now."""
        ...

    async def hand_over(self, lease: Lease) -> None:
        """Stops in order: no new turn begins, calls that are under way complete.

        The lease is released when this returns. If this raises, or is cancelled since the lease is
        lost meanwhile, `lose` follows.
        """
        ...

    def is_busy(self, team: TeamId) -> bool:
        """Whether somebody is being answered: other workspaces are handed over first."""
        ...
