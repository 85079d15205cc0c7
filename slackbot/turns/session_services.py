"""The services that the sessions of all threads share."""

from dataclasses import dataclass, field
from typing import Protocol

from slackbot.background import BackgroundTasks
from slackbot.conversation.ids import UserId
from slackbot.conversation.messages import ThreadKey
from slackbot.delivery.ephemeral import EphemeralMessages
from slackbot.instructions.commands import InstructionsCommands
from slackbot.instructions.settings import EffectiveSettings
from slackbot.turns.app_senders import AppSenders
from slackbot.turns.approvals import Approvals
from slackbot.turns.instructions_alert import InstructionsAlert
from slackbot.turns.regeneration_rights import RegenerationRights
from slackbot.turns.store import Store
from slackbot.turns.transcript import Transcript
from slackbot.turns.turn_runner import TurnRunner


class SettingsProvider(Protocol):
    async def effective_settings(self, thread: ThreadKey) -> EffectiveSettings:
        """Returns the current settings of a thread. Raises StoreError."""


@dataclass(frozen=True, slots=True)
class SessionServices:
    me: UserId
    """The bot's own user ID."""
    store: Store
    transcript: Transcript
    settings: SettingsProvider
    runner: TurnRunner
    commands: InstructionsCommands
    approvals: Approvals
    regeneration: RegenerationRights
    ephemeral: EphemeralMessages
    alert: InstructionsAlert
    senders: AppSenders
    background: BackgroundTasks = field(default_factory=BackgroundTasks)
