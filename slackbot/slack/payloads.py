"""Tells what Slack sends from what Bolt and the listeners could not read. Pure.

Bolt takes the types of all fields for granted. Whatever is not readable is acknowledged and
ignored: to send it again would not help.

https://docs.slack.dev/apis/events-api#callback-field
https://docs.slack.dev/reference/interaction-payloads
https://docs.slack.dev/interactivity/implementing-slash-commands#app_command_handling
"""

import json
from collections.abc import Mapping
from typing import Any, TypeGuard
from urllib.parse import parse_qsl

NAMED_FIELDS = ("channel", "enterprise", "team", "user")
"""Each is an id, or an object that has one."""

OBJECT_FIELDS = ("assistant_thread", "event", "item", "message", "previous_message", "view")
"""Bolt looks for ids in these too."""


def parse_body(content_type: str, body: bytes) -> object:
    """Returns the payload of a request: JSON, a form, or JSON in a field of a form.

    Raises ValueError.
    """
    text = body.decode()
    try:
        if content_type == "application/json" or text.startswith("{"):
            return json.loads(text)
        fields = dict(parse_qsl(text, keep_blank_values=True))
        return json.loads(fields["payload"]) if "payload" in fields else fields
    except RecursionError as err:
        raise ValueError("nested too deep") from err


def is_readable(payload: object) -> TypeGuard[dict[str, Any]]:
    """Returns whether a payload is of a known kind, and has what its kind needs."""
    return isinstance(payload, dict) and _is_whole(payload) and _has_readable_fields(payload)


def is_question(payload: Mapping[str, Any]) -> bool:
    """Returns whether a payload only asks for something, and changes nothing.

    Two of the same second may be equal in every byte.
    """
    return payload.get("type") in ("block_suggestion", "url_verification") or "ssl_check" in payload


def _is_whole(payload: Mapping[str, Any]) -> bool:
    match payload:
        case {"event": event}:
            return isinstance(event, dict)
        case {
            "type": "block_actions",
            "actions": [{"action_id": str()}, *_],
            "user": {"id": str()},
        }:
            return "view" not in payload or _is_view(payload["view"])
        case {"type": "view_submission" | "view_closed", "view": view, "user": {"id": str()}}:
            return _is_view(view)
        case (
            {"type": "block_suggestion", "action_id": str()}
            | {"type": "message_action" | "shortcut", "callback_id": str()}
            | {"type": "url_verification"}
            | {"ssl_check": _}
            | {"command": str()}
        ):
            return True
    return False


def _is_view(view: object) -> bool:
    match view:
        case {"id": str(), "type": str(), "callback_id": str()}:
            return True
    return False


def _has_readable_fields(data: Mapping[str, Any]) -> bool:
    authorizations, urls = data.get("authorizations"), data.get("response_urls", [])
    if not (isinstance(authorizations, list | None) and isinstance(urls, list)):
        return False
    listed = [*(authorizations or ()), *urls]
    inner = [each for name in OBJECT_FIELDS if isinstance(each := data.get(name), dict)]
    return (
        all(isinstance(data.get(name), str | dict | None) for name in NAMED_FIELDS)
        and all(isinstance(each, dict) for each in listed)
        and all(_has_readable_fields(each) for each in (*listed, *inner))
    )
