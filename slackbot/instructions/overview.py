"""What is set where in a workspace, for the Home tab."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from slackbot.conversation.ids import ChannelId, TeamId
from slackbot.instructions.revisions import ChangeRecord, Revision
from slackbot.instructions.scopes import Scope
from slackbot.instructions.service import InstructionsService
from slackbot.instructions.settings import EffectiveSettings

MAX_RECENT_CHANGES = 10


@dataclass(frozen=True, slots=True)
class Overview:
    workspace: EffectiveSettings
    last_revision: Revision | None
    """Of the workspace."""
    channels: Sequence[tuple[ChannelId, Revision]]
    """The IDs of the channels that have settings, each with its last revision; the one that was
    changed last comes first.
    """
    change_records: Sequence[ChangeRecord]
    """The last changes in the workspace, newest first."""

    @property
    def prompts(self) -> tuple[str, ...]:
        """The suggested prompts."""
        if self.last_revision is None or self.last_revision.settings is None:
            return ()
        return self.last_revision.settings.prompts or ()

    def within(self, channels: Collection[ChannelId]) -> "Overview":
        """What of it is about the workspace and these channels."""
        return replace(
            self,
            channels=[each for each in self.channels if each[0] in channels],
            change_records=[
                each for each in self.change_records if each.scope.channel in {"", *channels}
            ],
        )


async def load_overview(instructions_service: InstructionsService, team: TeamId) -> Overview:
    """Reads the overview of a workspace. Raises StoreError."""
    revision_store = instructions_service.revision_store
    workspace = Scope(team)
    current = await revision_store.current_revisions(team)
    channels = [(scope.channel, each) for scope, each in current.items() if scope.channel]
    return Overview(
        workspace=await instructions_service.settings_in(workspace),
        last_revision=current.get(workspace),
        channels=sorted(channels, key=lambda each: each[1].at, reverse=True),
        change_records=(await revision_store.change_records(team, MAX_RECENT_CHANGES))[::-1],
    )
