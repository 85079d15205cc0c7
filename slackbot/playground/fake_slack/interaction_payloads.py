"""Builds the JSON of slash commands, clicks and submitted modals.

https://docs.slack.dev/reference/interaction-payloads
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from slackbot.playground.fake_slack.ephemerals import Ephemeral
from slackbot.playground.fake_slack.members import Channel, Person, Team
from slackbot.playground.fake_slack.message_json import message_json
from slackbot.playground.fake_slack.messages import PostedMessage, elements
from slackbot.playground.json_types import Json

InputValues = Mapping[str, Mapping[str, Any]]
"""The values of a modal's inputs: block id -> action id -> text, or an element's whole state."""


@dataclass(frozen=True, slots=True)
class ResponseTarget:
    """What a response URL answers to; `message` is the clicked message, if any."""

    channel: Channel
    person: Person
    message: PostedMessage | None = None


class InstalledWorkspace(Protocol):
    """The workspace in which somebody acts."""

    team: Team

    @property
    def enterprise(self) -> Json | None: ...
    @property
    def is_enterprise_install(self) -> bool: ...


def slash_command(
    person: Person, channel: Channel, place: InstalledWorkspace, command: str, text: str
) -> Json:
    """https://docs.slack.dev/interactivity/implementing-slash-commands"""
    enterprise = {}
    if place.enterprise is not None:
        enterprise = {
            "enterprise_id": place.enterprise["id"],
            "enterprise_name": place.enterprise["name"],
        }
    return {
        **enterprise,
        "token": "playground",
        "team_id": place.team.team_id,
        "team_domain": place.team.domain,
        "channel_id": channel.id,
        "channel_name": "directmessage" if channel.kind == "im" else channel.name,
        "user_id": person.id,
        "user_name": person.name,
        "command": command,
        "text": text,
        "is_enterprise_install": str(place.is_enterprise_install).lower(),
    }


def action(block: Json, element: Json, value: str, ts: str) -> Json:
    """Describes a click on an element; `value` overrides the element's own value.

    Raises LookupError if no feedback button has that value.
    """
    pressed = _pressed(element, value)
    done: Json = {
        "type": element["type"],
        "action_id": element["action_id"],
        "block_id": block.get("block_id", ""),
        "action_ts": ts,
    }
    if "options" in element:
        return done | state_of(element, value)
    if "text" in pressed:
        done["text"] = pressed["text"]
    if value or "value" in pressed:
        done["value"] = value or pressed["value"]
    return done


def on_message(message: PostedMessage, channel: Channel) -> Json:
    """Describes the location of a click on a message."""
    container = {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": channel.id,
        "is_ephemeral": False,
    }
    if message.thread_ts is not None:
        container["thread_ts"] = message.thread_ts
    return {
        "container": container,
        "channel": {"id": channel.id, "name": channel.name},
        "message": message_json(message, with_metadata=True),
    }


def on_ephemeral(shown: Ephemeral, channel: Channel) -> Json:
    """The same for an ephemeral message; Slack does not send its content."""
    container = {
        "type": "message",
        "message_ts": shown.ts,
        "channel_id": channel.id,
        "is_ephemeral": True,
    }
    if shown.thread_ts is not None:
        container["thread_ts"] = shown.thread_ts
    return {"container": container, "channel": {"id": channel.id, "name": channel.name}}


def on_view(view: Json, values: InputValues) -> Json:
    """The same for a modal or home tab whose inputs hold these values."""
    return {
        "container": {"type": "view", "view_id": view["id"]},
        "view": filled_in(view, values),
    }


def suggestion(block: Json, element: Json, query: str) -> Json:
    """Describes the text typed into a select menu whose options come from the app.

    https://docs.slack.dev/reference/interaction-payloads/block_suggestion-payload
    """
    return {
        "action_id": element["action_id"],
        "block_id": block.get("block_id", ""),
        "value": query,
    }


def interaction(kind: str, person: Person, place: InstalledWorkspace, app_id: str) -> Json:
    """Returns the fields that all interactions share.

    `team` is null if the app is installed for the whole organisation; slack_bolt then reads the
    `team_id` of the person or of the view.
    """
    team = {"id": place.team.team_id, "domain": place.team.domain}
    if place.enterprise is not None:
        team |= {
            "enterprise_id": place.enterprise["id"],
            "enterprise_name": place.enterprise["name"],
        }
    return {
        "type": kind,
        "token": "playground",
        "team": None if place.is_enterprise_install else team,
        "user": {
            "id": person.id,
            "username": person.name,
            "name": person.name,
            "team_id": person.team_id,
        },
        "api_app_id": app_id,
        "enterprise": place.enterprise,
        "is_enterprise_install": place.is_enterprise_install,
    }


def filled_in(view: Json, values: InputValues) -> Json:
    """Returns a view with its state after these values were filled in. Inputs that are left out
    keep their initial values.
    """
    states: Json = {}
    for block, element in elements(view["blocks"]):
        block_id, action_id = block.get("block_id", ""), element["action_id"]
        value = values.get(block_id, {}).get(action_id)
        if element["type"] not in ELEMENTS_WITHOUT_STATE:
            states.setdefault(block_id, {})[action_id] = state_of(element, value)
    for block_id, action_id, value in _flattened(values):
        if action_id not in states.get(block_id, {}):  # forged: the view has no such input
            forged = value if not isinstance(value, str) else {"type": "", "value": value}
            states.setdefault(block_id, {})[action_id] = forged
    return {**view, "state": {"values": states}}


ELEMENTS_WITHOUT_STATE = frozenset({"button", "feedback_buttons", "icon_button", "overflow"})


def state_of(element: Json, value: Any = None) -> Json:
    """Returns the state of an element with this value; None means its initial value.

    A value is a text, an option's value, a list of those, or the whole state.
    https://docs.slack.dev/reference/views#view_submission
    """
    kind = element["type"]
    if isinstance(value, dict):
        return value
    if kind in {"checkboxes", "multi_static_select"}:
        shown = element.get("initial_options", [])
        wanted = shown if value is None else [_option(element, each) for each in value]
        return {"type": kind, "selected_options": wanted}
    if kind == "file_input":
        return {"type": kind, "files": value or []}
    if kind in {"radio_buttons", "static_select", "external_select"}:
        shown = element.get("initial_option")
        return {"type": kind, "selected_option": shown if not value else _option(element, value)}
    return {"type": kind, "value": element.get("initial_value") if value is None else value}


def _option(element: Json, value: str) -> Json:
    """Returns the option with that value; builds one if the element does not list it."""
    known = [each for each in element.get("options", []) if each["value"] == value]
    made_up = {"text": {"type": "plain_text", "text": value}, "value": value}
    return known[0] if known else made_up


def _pressed(element: Json, value: str) -> Json:
    """Returns the pressed button: the element itself, or the feedback button with this value.

    https://docs.slack.dev/reference/block-kit/block-elements/feedback-buttons-element
    """
    if element["type"] != "feedback_buttons":
        return element
    buttons: list[Json] = [element["positive_button"], element["negative_button"]]
    for button in buttons:
        if button["value"] == value:
            return button
    raise LookupError(f"no feedback button with value {value!r}")


def _flattened(values: InputValues) -> Iterator[tuple[str, str, Any]]:
    for block_id, actions in values.items():
        for action_id, value in actions.items():
            yield block_id, action_id, value
