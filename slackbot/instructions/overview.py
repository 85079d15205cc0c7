"""What is set where in a workspace."""

from collections.abc import Sequence
from dataclasses import dataclass

from slackbot.instructions.scopes import ChangeRecord, EffectiveSettings, Revision, Scope
from slackbot.instructions.service import InstructionsService

LATEST = 10
"""How many changes are shown."""


@dataclass(frozen=True, slots=True)
class Overview:
    workspace: EffectiveSettings
    last: Revision | None
    """The workspace's last edition."""
    channels: Sequence[tuple[str, Revision]]
    """Those that have a setup of their own, by their ids, the last changed first."""
    change_records: Sequence[ChangeRecord]
    """The last ones, the latest first."""

    @property
    def prompts(self) -> tuple[str, ...]:
        return (self.last.setup.prompts or ()) if self.last is not None else ()


async def overview(instructions_service: InstructionsService, team: str) -> Overview:
    """Raises StoreError."""
    workspace = Scope(team)
    standing = await instructions_service.records.standing(team)
    channels = [(scope.channel, each) for scope, each in standing.items() if scope.channel]
    return Overview(
        workspace=await instructions_service.standing(workspace),
        last=standing.get(workspace),
        channels=sorted(channels, key=lambda each: each[1].at, reverse=True),
        change_records=(await instructions_service.records.change_records(team, LATEST))[::-1],
    )
