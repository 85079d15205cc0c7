"""What people choose and fill in reaches the app in Slack's form."""

from slack_sdk.web.async_client import AsyncWebClient

from slackbot.playground.fake_slack.members import Channel, Person
from slackbot.playground.fake_slack.messages import new_version
from slackbot.playground.fake_slack.workspace import Workspace
from slackbot.playground.json_types import Json
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


def last_payload(app: BareApp) -> Json:
    payload: Json = app.received[-1]["payload"]
    return payload


async def test_a_choice_in_a_message(
    workspace: Workspace, app: BareApp, api: AsyncWebClient, ann: Person, channel: Channel
) -> None:
    """The payload has the choice, its location and a response URL."""
    await api.chat_postMessage(channel=channel.id, text="a", blocks=BLOCKS)
    (message,) = workspace.messages.values()
    delivery = await workspace.use_element(ann, message, CHOSEN, {})
    assert delivery.acknowledged
    (action,) = last_payload(app)["actions"]
    assert {**CHOSEN, "action_ts": action["action_ts"]} == action
    assert last_payload(app)["container"]["message_ts"] == message.ts
    assert last_payload(app)["response_url"]


async def test_a_choice_that_only_one_person_sees(
    workspace: Workspace, app: BareApp, ann: Person, channel: Channel
) -> None:
    """For an ephemeral message Slack sends its location, but not its content."""
    shown = workspace.show_ephemeral(channel, ann, new_version("a", BLOCKS))
    await workspace.use_element(ann, shown, CHOSEN, {})
    assert last_payload(app)["container"]["is_ephemeral"] is True
    assert last_payload(app)["container"]["message_ts"] == shown.ts
    assert "message" not in last_payload(app)


async def test_a_choice_in_a_modal(workspace: Workspace, app: BareApp, ann: Person) -> None:
    """A choice in a modal comes with the values of all inputs."""
    view = workspace.views.open(ann.id, VIEW)
    filled = {"b": {"choose": {"type": "static_select", "selected_option": OPTION}}}
    await workspace.use_element(ann, view, CHOSEN, filled)
    assert last_payload(app)["view"]["state"]["values"] == filled
    await workspace.deliver_submission(ann, view, filled)
    assert last_payload(app)["type"] == "view_submission"
    assert last_payload(app)["view"]["state"]["values"] == filled
    assert workspace.views.modals[ann.id] == []


async def test_closing(workspace: Workspace, app: BareApp, ann: Person) -> None:
    """Closing removes the topmost modal, tells the app on request; `clear_on_close` removes all."""
    bottom = workspace.views.open(ann.id, VIEW)
    top = workspace.views.push(ann.id, {**VIEW, "notify_on_close": False})
    await workspace.close(ann, top)
    assert workspace.views.modals[ann.id] == [bottom]
    assert not app.received
    await workspace.close(ann, bottom)
    assert last_payload(app)["type"] == "view_closed"
    workspace.views.open(ann.id, VIEW)
    top = workspace.views.push(ann.id, {**VIEW, "clear_on_close": True})
    await workspace.close(ann, top)
    assert workspace.views.modals[ann.id] == []
