from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from slackbot.playground.fake_slack.members import Channel, Person
from slackbot.playground.fake_slack.workspace import Workspace
from tests.playground.fake_slack.bare_app import BareApp

MODAL = {
    "type": "modal",
    "callback_id": "edit",
    "title": {"type": "plain_text", "text": "Instructions"},
    "submit": {"type": "plain_text", "text": "Save"},
    "private_metadata": "C1",
    "blocks": [
        {
            "type": "input",
            "block_id": "text",
            "label": {"type": "plain_text", "text": "Text"},
            "element": {"type": "plain_text_input", "action_id": "value"},
        }
    ],
}


async def test_modals(
    workspace: Workspace, app: BareApp, api: AsyncWebClient, ann: Person, channel: Channel
) -> None:
    """A modal is opened with a command's trigger, once; submitting it sends what was filled in."""
    await workspace.command(ann, channel, "/instructions", "set")
    trigger = app.received[0]["payload"]["trigger_id"]
    await api.views_open(trigger_id=trigger, view=MODAL)
    with pytest.raises(SlackApiError, match="exchanged_trigger_id"):
        await api.views_open(trigger_id=trigger, view=MODAL)
    (view,) = workspace.views.modals[ann.id]
    assert view["private_metadata"] == "C1"
    await workspace.submit_view(ann, view, {"text": {"value": "Be kind."}})
    submitted = app.received[-1]["payload"]
    assert submitted["type"] == "view_submission"
    assert submitted["view"]["state"]["values"] == {
        "text": {"value": {"type": "plain_text_input", "value": "Be kind."}}
    }
    assert workspace.views.modals[ann.id] == []


@pytest.mark.parametrize(
    ("response", "titles"),
    [
        (None, []),
        ({"response_action": "clear"}, []),
        ({"response_action": "errors", "errors": {"text": "no"}}, ["Instructions"]),
        ({"response_action": "update", "view": MODAL}, ["Instructions"]),
        ({"response_action": "push", "view": MODAL}, ["Instructions", "Instructions"]),
    ],
)
async def test_answers_to_a_submission(
    workspace: Workspace,
    app: BareApp,
    ann: Person,
    response: dict[str, Any] | None,
    titles: list[str],
) -> None:
    """The answer to a submission closes the modal, keeps it with errors, or shows another."""
    app.answers["interactive"] = response
    view = workspace.views.open(ann.id, MODAL)
    assert await workspace.submit_view(ann, view, {}) == (response or {})
    assert [shown["title"]["text"] for shown in workspace.views.modals[ann.id]] == titles


async def test_unacknowledged_submissions(workspace: Workspace, app: BareApp, ann: Person) -> None:
    """A submission that the app does not acknowledge leaves the modal, and is sent once."""
    app.unresponsive = True
    workspace.feed.ack_timeout = 0.02
    view = workspace.views.open(ann.id, MODAL)
    await workspace.submit_view(ann, view, {})
    assert workspace.views.modals[ann.id] == [view]
    assert workspace.deliveries[-1].attempts == 1


async def test_submissions_of_what_was_closed(
    workspace: Workspace, app: BareApp, ann: Person
) -> None:
    """A late answer to the submission of a modal that was closed meanwhile touches no other."""
    view = workspace.views.open(ann.id, MODAL)
    workspace.views.closed(ann.id, view)
    await workspace.submit_view(ann, view, {})
    assert workspace.views.modals[ann.id] == []
    other = workspace.views.open(ann.id, MODAL)
    await workspace.submit_view(ann, view, {})
    assert workspace.views.modals[ann.id] == [other]
    assert [each["payload"]["type"] for each in app.received] == ["view_submission"] * 2


OPTION = {"text": {"type": "plain_text", "text": "A"}, "value": "a"}


SELECT = {"type": "static_select", "action_id": "choose", "options": [OPTION]}


BLOCKS = [{"type": "actions", "block_id": "b", "elements": [SELECT]}]


VIEW = {
    "type": "modal",
    "title": {"type": "plain_text", "text": "A modal"},
    "blocks": BLOCKS,
    "notify_on_close": True,
}


async def test_blocks_get_their_ids(workspace: Workspace, ann: Person) -> None:
    """A block of a view that has no id is given one, as Slack does; others keep theirs."""
    view = workspace.views.open(ann.id, {**VIEW, "blocks": [{"type": "divider"}, *BLOCKS]})
    first, second = (block["block_id"] for block in view["blocks"])
    assert first
    assert second == "b"
