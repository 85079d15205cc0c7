"""What the bots of all workspaces share."""

from dataclasses import dataclass

from slackbot.app.models import Models
from slackbot.attachments.extraction.sandbox import ExtractionSandbox
from slackbot.config import Settings
from slackbot.conversation.ids import UserId
from slackbot.store import RecordStore
from slackbot.workspaces.ownership import LEASE_SECONDS


@dataclass(frozen=True, slots=True)
class Process:
    settings: Settings
    store: RecordStore
    models: Models
    sandbox: ExtractionSandbox
    lease_seconds: float = LEASE_SECONDS
    """For how long a replica owns a workspace unless it renews its lease."""

    @property
    def admins(self) -> frozenset[UserId]:
        return frozenset(map(UserId, self.settings.admins))
