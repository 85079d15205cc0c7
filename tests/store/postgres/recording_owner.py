"""An owner that only says what it was told."""

import asyncio
from collections.abc import Callable

from slackbot.conversation.ids import TeamId
from slackbot.workspaces import Lease

DEADLINE_SECONDS = 45.0


class RecordingOwner:
    def __init__(self, changed: asyncio.Condition) -> None:
        """`changed` is notified of each call; several owners may share it."""
        self._changed = changed
        self.calls: list[tuple[str, Lease]] = []
        self.beliefs: dict[TeamId, Callable[[], bool]] = {}
        """For each workspace that is taken, whether the owner may act there."""

    async def take(self, lease: Lease, holds: Callable[[], bool]) -> None:
        self.beliefs[lease.team] = holds
        await self._record("take", lease)

    async def lose(self, lease: Lease) -> None:
        await self._record("lose", lease)

    async def hand_over(self, lease: Lease) -> None:
        await self._record("hand over", lease)

    def is_busy(self, team: TeamId) -> bool:  # noqa: ARG002 - nobody asks
        return False

    def acts_in(self) -> set[TeamId]:
        return {team for team, holds in self.beliefs.items() if holds()}

    async def _record(self, what: str, lease: Lease) -> None:
        self.calls.append((what, lease))
        async with self._changed:
            self._changed.notify_all()


async def until(changed: asyncio.Condition, predicate: Callable[[], bool]) -> None:
    """Waits until it comes true; looks whenever something was called."""
    async with asyncio.timeout(DEADLINE_SECONDS), changed:
        await changed.wait_for(predicate)
