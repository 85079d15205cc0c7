"""Where settings apply: to a workspace, a channel or a thread."""

from dataclasses import dataclass
from typing import Literal

from slackbot.conversation.ids import ChannelId, TeamId, Ts

Presence = Literal["member", "absent", "archived"]
"""Whether the bot is in a channel; nobody can write in one that is archived."""


@dataclass(frozen=True, slots=True)
class Scope:
    """A workspace, one of its channels, or a thread (the ts of its first message)."""

    team: TeamId
    channel: ChannelId = ChannelId("")
    thread: Ts = Ts("")

    @property
    def wider(self) -> "Scope | None":
        """The scope that this one inherits from; None for a workspace."""
        if self.thread:
            return Scope(self.team, self.channel)
        return Scope(self.team) if self.channel else None
