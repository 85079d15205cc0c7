"""What a replica does with the workspaces that it owns."""

from collections.abc import Callable
from typing import Protocol

from slackbot.conversation.ids import TeamId
from slackbot.workspaces.lease import Lease


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
