"""Where settings apply."""

from slackbot.instructions.scopes import Scope


def test_wider_scopes() -> None:
    """A thread inherits from its channel, a channel from the workspace, a workspace from none."""
    workspace, channel, thread = Scope("T1"), Scope("T1", "C1"), Scope("T1", "C1", "1.0")
    assert thread.wider == channel
    assert channel.wider == workspace
    assert workspace.wider is None
