"""A replica as a process of its own, which prints what its owner is told.

python -m tests.store.postgres.replica_process NAME ADDRESS LEASE_SECONDS
"""

import asyncio
import sys
from collections.abc import Callable

from slackbot.conversation.ids import TeamId
from slackbot.store.postgres.leases import PostgresLeases
from slackbot.store.postgres.lone_connection import LoneConnection
from slackbot.workspaces import Lease, Ownership


class PrintingOwner:
    """Prints what it is told, and whether it may still act."""

    def __init__(self) -> None:
        self._holds: Callable[[], bool] = lambda: False

    async def take(self, lease: Lease, holds: Callable[[], bool]) -> None:
        self._holds = holds
        self._say("take", lease)

    async def lose(self, lease: Lease) -> None:
        self._say("lose", lease)

    async def hand_over(self, lease: Lease) -> None:
        self._say("hand over", lease)

    def is_busy(self, team: TeamId) -> bool:  # noqa: ARG002 - nobody asks
        return False

    def _say(self, what: str, lease: Lease) -> None:
        sys.stdout.write(f"{what} {lease.team} {lease.epoch} {self._holds()}\n")
        sys.stdout.flush()


async def main(name: str, address: str, lease_seconds: float) -> None:
    leases = PostgresLeases(LoneConnection(address))
    await Ownership(name, leases, PrintingOwner(), lease_seconds=lease_seconds).run()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], float(sys.argv[3])))
