"""Where settings apply."""

from slackbot.conversation.ids import ChannelId, TeamId, Ts
from slackbot.instructions.scopes import Scope


def test_wider_scopes() -> None:
    """A thread inherits from its channel, a channel from the workspace, a workspace from none."""
    workspace, channel, thread = (
        Scope(TeamId("T1")),
        Scope(TeamId("T1"), ChannelId("C1")),
        Scope(TeamId("T1"), ChannelId("C1"), Ts("1.0")),
    )
    assert thread.wider == channel
    assert channel.wider == workspace
    assert workspace.wider is None
