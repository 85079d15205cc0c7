"""The right to answer in a workspace, which one replica has at a time."""

from dataclasses import dataclass

from slackbot.conversation.ids import TeamId


@dataclass(frozen=True, slots=True)
class Lease:
    """What an owner shows with each write: the store refuses it once another replica owns."""

    team: TeamId
    owner: str
    """The ID of the replica; a process that starts again has another one."""
    epoch: int
    """One more each time the workspace gets another owner."""
