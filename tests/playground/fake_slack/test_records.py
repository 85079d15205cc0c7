from slack_sdk.web.async_client import AsyncWebClient

from slackbot.playground.fake_slack.members import Channel
from slackbot.playground.fake_slack.workspace import Workspace
from tests.playground.fake_slack.bare_app import BareApp


async def test_the_bots_own_events(
    workspace: Workspace, app: BareApp, api: AsyncWebClient, channel: Channel
) -> None:
    """The bot's own posts, edits and deletions come back to the app as events."""
    ts = (await api.chat_postMessage(channel=channel.id, text="a"))["ts"]
    await api.chat_update(channel=channel.id, ts=ts, text="b")
    await api.chat_delete(channel=channel.id, ts=ts)
    await workspace.until(lambda: len([d for d in workspace.deliveries if d.acknowledged]) == 3)
    assert [event.get("subtype") for event in app.events] == [
        None,
        "message_changed",
        "message_deleted",
    ]
    assert app.events[0]["bot_id"] == workspace.bot.bot_id
    assert app.events[1]["message"]["bot_id"] == workspace.bot.bot_id
