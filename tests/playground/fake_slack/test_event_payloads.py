from slackbot.playground.fake_slack.members import Channel, Person
from slackbot.playground.fake_slack.workspace import Workspace
from tests.playground.fake_slack.bare_app import BareApp


async def test_every_event_has_its_time(
    workspace: Workspace, app: BareApp, ann: Person, channel: Channel
) -> None:
    """Every event carries `event_ts`, and the times grow in the order of what happened."""
    message = await workspace.say(ann, channel, f"{workspace.bot.mention} https://example.com/")
    await workspace.edit(ann, message, "b")
    await workspace.unfurl(message, "https://example.com/")
    workspace.sessions[channel.id, message.ts] = "processing"
    await workspace.stop(ann, channel, message.ts)
    await workspace.open_home(ann)
    await workspace.delete(ann, message)
    await workspace.uninstall()
    stamps = [event["event_ts"] for event in app.events]
    assert len(stamps) == 9
    assert stamps == sorted(stamps)


async def test_the_envelope_of_an_event(
    workspace: Workspace, app: BareApp, ann: Person, channel: Channel
) -> None:
    """An event comes in an envelope that names its team, its app, and the bot that may see it."""
    await workspace.say(ann, channel, "a")
    payload = app.received[0]["payload"]
    assert payload["type"] == "event_callback"
    assert (payload["team_id"], payload["api_app_id"]) == (
        workspace.team.team_id,
        workspace.bot.app_id,
    )
    (authorization,) = payload["authorizations"]
    assert (authorization["user_id"], authorization["is_bot"]) == (workspace.bot.id, True)
