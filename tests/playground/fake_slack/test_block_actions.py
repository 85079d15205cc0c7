"""What people choose and fill in reaches the app in Slack's form."""

from slack_sdk.web.async_client import AsyncWebClient

from slackbot.playground.fake_slack.members import Channel, Person
from slackbot.playground.fake_slack.messages import new_version
from slackbot.playground.fake_slack.workspace import Workspace
from slackbot.playground.wire import Json
from tests.playground.fake_slack.bare_app import BareApp

OPTION = {"text": {"type": "plain_text", "text": "A"}, "value": "a"}
SELECT = {"type": "static_select", "action_id": "choose", "options": [OPTION]}
BLOCKS = [{"type": "actions", "block_id": "b", "elements": [SELECT]}]
CHOSEN = {
    "block_id": "b",
    "action_id": "choose",
    "type": "static_select",
    "selected_option": OPTION,
}
VIEW = {
    "type": "modal",
    "title": {"type": "plain_text", "text": "A modal"},
    "blocks": BLOCKS,
    "notify_on_close": True,
}


def heard(app: BareApp) -> Json:
    payload: Json = app.heard[-1]["payload"]
    return payload


async def test_a_choice_in_a_message(
    workspace: Workspace, app: BareApp, api: AsyncWebClient, ann: Person, channel: Channel
) -> None:
    """It says what was chosen, where, and where to answer."""
    await api.chat_postMessage(channel=channel.id, text="a", blocks=BLOCKS)
    (message,) = workspace.messages.values()
    delivery = await workspace.act(ann, message, CHOSEN, {})
    assert delivery.acknowledged
    (action,) = heard(app)["actions"]
    assert {**CHOSEN, "action_ts": action["action_ts"]} == action
    assert heard(app)["container"]["message_ts"] == message.ts
    assert heard(app)["response_url"]


async def test_a_choice_that_only_one_person_sees(
    workspace: Workspace, app: BareApp, ann: Person, channel: Channel
) -> None:
    """On an ephemeral message Slack says where it was, and nothing of its content."""
    shown = workspace.show_ephemeral(channel, ann, new_version("a", BLOCKS))
    await workspace.act(ann, shown, CHOSEN, {})
    assert heard(app)["container"]["is_ephemeral"] is True
    assert heard(app)["container"]["message_ts"] == shown.ts
    assert "message" not in heard(app)


async def test_a_choice_in_a_modal(workspace: Workspace, app: BareApp, ann: Person) -> None:
    """It comes with all that is filled in."""
    view = workspace.views.open(ann.id, VIEW)
    filled = {"b": {"choose": {"type": "static_select", "selected_option": OPTION}}}
    await workspace.act(ann, view, CHOSEN, filled)
    assert heard(app)["view"]["state"]["values"] == filled
    await workspace.submit(ann, view, filled)
    assert heard(app)["type"] == "view_submission"
    assert heard(app)["view"]["state"]["values"] == filled
    assert workspace.views.modals[ann.id] == []


async def test_closing(workspace: Workspace, app: BareApp, ann: Person) -> None:
    """The topmost modal goes; the app hears of it if it asked to; `clear_on_close` takes all."""
    bottom = workspace.views.open(ann.id, VIEW)
    top = workspace.views.push(ann.id, {**VIEW, "notify_on_close": False})
    await workspace.close(ann, top)
    assert workspace.views.modals[ann.id] == [bottom]
    assert not app.heard
    await workspace.close(ann, bottom)
    assert heard(app)["type"] == "view_closed"
    workspace.views.open(ann.id, VIEW)
    top = workspace.views.push(ann.id, {**VIEW, "clear_on_close": True})
    await workspace.close(ann, top)
    assert workspace.views.modals[ann.id] == []


async def test_blocks_get_their_ids(workspace: Workspace, ann: Person) -> None:
    """A block of a view that has no id is given one, as Slack does; others keep theirs."""
    view = workspace.views.open(ann.id, {**VIEW, "blocks": [{"type": "divider"}, *BLOCKS]})
    first, second = (block["block_id"] for block in view["blocks"])
    assert first
    assert second == "b"


def test_reactions(workspace: Workspace, ann: Person, channel: Channel) -> None:
    """One's own reaction is taken back by doing it again; without any left the emoji goes."""
    message = workspace.post(ann, channel, new_version("a"))
    ben = workspace.add_person("ben")
    workspace.react(ann, message, "tada")
    workspace.react(ben, message, "tada")
    assert message.reactions == {"tada": [ann.id, ben.id]}
    workspace.react(ann, message, "tada")
    workspace.react(ben, message, "tada")
    assert message.reactions == {}
