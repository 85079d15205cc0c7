from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from slackbot.playground.fake_slack.members import Channel, Person
from slackbot.playground.fake_slack.workspace import Workspace
from tests.playground.fake_slack.bare_app import BareApp

FEEDBACK = {
    "type": "context_actions",
    "elements": [
        {
            "type": "feedback_buttons",
            "action_id": "feedback",
            "positive_button": {"text": {"type": "plain_text", "text": "Yes"}, "value": "good"},
            "negative_button": {"text": {"type": "plain_text", "text": "No"}, "value": "bad"},
        }
    ],
}


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


def option(value: str) -> dict[str, Any]:
    return {"text": {"type": "plain_text", "text": value}, "value": value}


def asked(block_id: str, kind: str, **more: Any) -> dict[str, Any]:
    label = {"type": "plain_text", "text": "?"}
    element = {"type": kind, "action_id": "value", **more}
    return {"type": "input", "block_id": block_id, "label": label, "element": element}


CHOICES: dict[str, Any] = {
    **MODAL,
    "blocks": [
        asked("text", "plain_text_input", initial_value="as it was"),
        asked("model", "external_select", initial_option=option("m1")),
        asked("mode", "radio_buttons", options=[option("a"), option("b")]),
        asked("more", "checkboxes", options=[option("x"), option("y")]),
        asked("file", "file_input"),
    ],
}


async def test_feedback(
    workspace: Workspace, app: BareApp, api: AsyncWebClient, ann: Person, channel: Channel
) -> None:
    """Either feedback button can be clicked; an unknown value is an error."""
    ts = (await api.chat_postMessage(channel=channel.id, text="a", blocks=[FEEDBACK]))["ts"]
    answer = workspace.messages[channel.id, ts]
    for value, label in (("good", "Yes"), ("bad", "No")):
        await workspace.click(ann, answer, "feedback", value)
        (action,) = app.received[-1]["payload"]["actions"]
        assert (action["type"], action["action_id"]) == ("feedback_buttons", "feedback")
        assert (action["value"], action["text"]["text"]) == (value, label)
    for neither in ("", "splendid"):
        with pytest.raises(LookupError, match="feedback"):
            await workspace.click(ann, answer, "feedback", neither)


async def test_the_state_of_a_modal(workspace: Workspace, app: BareApp, ann: Person) -> None:
    """Inputs keep their initial values unless they are filled in."""
    view = workspace.views.open(ann.id, CHOICES)
    await workspace.submit_view(ann, view, {})
    values = app.received[-1]["payload"]["view"]["state"]["values"]
    assert values["text"]["value"] == {"type": "plain_text_input", "value": "as it was"}
    assert values["model"]["value"]["selected_option"] == option("m1")
    assert values["mode"]["value"]["selected_option"] is None
    assert values["more"]["value"]["selected_options"] == []
    view = workspace.views.open(ann.id, CHOICES)
    filled: dict[str, dict[str, Any]] = {
        "model": {"value": "m2"},
        "mode": {"value": "b"},
        "more": {"value": ["y"]},
    }
    await workspace.submit_view(ann, view, filled)
    values = app.received[-1]["payload"]["view"]["state"]["values"]
    assert values["model"]["value"]["selected_option"] == option("m2")
    assert values["mode"]["value"]["selected_option"] == option("b")
    assert values["more"]["value"]["selected_options"] == [option("y")]
    assert values["file"]["value"]["files"] == []


async def test_a_choice_in_a_modal(workspace: Workspace, app: BareApp, ann: Person) -> None:
    """A click on an option names it, and includes the values of the modal."""
    choice = {"type": "actions", "block_id": "scope", "elements": [CHOICES["blocks"][2]["element"]]}
    view = workspace.views.open(ann.id, {**CHOICES, "blocks": [CHOICES["blocks"][0], choice]})
    await workspace.click(
        ann, view, "value", "b", block_id="scope", filled={"text": {"value": "t"}}
    )
    payload = app.received[-1]["payload"]
    assert payload["actions"][0]["selected_option"] == option("b")
    assert payload["view"]["state"]["values"]["text"]["value"]["value"] == "t"
