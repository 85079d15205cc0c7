"""The socket to Slack: lost, renewed, closed."""

from tests.stage import Stage


async def test_reconnects_when_slack_asks(stage: Stage) -> None:
    """When Slack refreshes the connection the bot opens another and misses nothing."""
    async with stage.playing():
        await stage.workspace.disconnect_sockets(reason="refresh_requested")
        await stage.verify_dialog([(f"{stage.bot.mention} hello", "Ahoy")])


async def test_closes(stage: Stage) -> None:
    """When the bot stops, its connection is closed."""
    async with stage.playing():
        assert stage.workspace.connections == 1
    await stage.workspace.until(lambda: stage.workspace.connections == 0)
