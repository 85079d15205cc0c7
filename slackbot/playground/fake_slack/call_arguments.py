"""Reads the arguments of a Web API call, in whatever form the client sent them.

https://docs.slack.dev/apis/web-api/#methods_supporting_json - clients mix queries, forms and JSON
bodies, and put JSON into form fields.
"""

import json
from base64 import b64decode
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from slackbot.playground.fake_slack.errors import RefusedError
from slackbot.playground.json_types import Json

JSON_FIELDS = frozenset(
    {"attachments", "blocks", "chunks", "files", "loading_messages", "metadata", "prompts", "view"}
)


async def read(request: web.Request) -> tuple[Json, str]:
    """Returns a call's arguments and its token ("" if none).

    JSON in a query or a form field is decoded; any other string stays as it is. The app's
    credentials may come as HTTP Basic authentication:
    https://docs.slack.dev/reference/methods/oauth.v2.access
    """
    values: Json = dict(request.query)
    if request.content_type == "application/json":
        values |= await _body(request)
    else:
        values |= await request.post()
    for name in JSON_FIELDS & values.keys():
        values[name] = _decoded(values[name])
    token = str(values.pop("token", ""))
    scheme, _, credentials = request.headers.get("Authorization", "").partition(" ")
    if scheme == "Basic":
        client_id, _, secret = b64decode(credentials).decode().partition(":")
        values |= {"client_id": client_id, "client_secret": secret}
    return values, credentials if scheme == "Bearer" else token


class CallArguments:
    """A call's arguments by name. Missing or invalid ones are refused as Slack does."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values

    def __contains__(self, name: str) -> bool:
        return self._values.get(name) is not None

    def text(self, name: str) -> str:
        """A string, "" if missing."""
        value = self._values.get(name)
        return "" if value is None else str(value)

    def needed(self, name: str) -> str:
        """A string that must not be missing or empty."""
        value = self.text(name)
        if not value:
            raise RefusedError("invalid_arguments", f"missing required field: {name}")
        return value

    def flag(self, name: str) -> bool:
        return self.text(name).lower() in {"1", "true"}

    def number(self, name: str, default: int) -> int:
        text = self.text(name)
        if not text:
            return default
        if not text.isdecimal():
            raise RefusedError("invalid_arguments", f"{name} must be a number")
        return int(text)

    def object(self, name: str, error: str = "invalid_arguments") -> Json | None:
        """A JSON object, None if missing."""
        value = self._values.get(name)
        if value is not None and not isinstance(value, dict):
            raise RefusedError(error, f"{name} must be an object")
        return value

    def list(self, name: str, error: str = "invalid_arguments") -> list[Any]:
        """A JSON array, empty if missing."""
        value = self._values.get(name)
        if value is None:
            return []
        if not isinstance(value, list):
            raise RefusedError(error, f"{name} must be an array")
        return value


async def _body(request: web.Request) -> Json:
    try:
        body = await request.json()
    except json.JSONDecodeError:
        body = None
    return body if isinstance(body, dict) else {}


def _decoded(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except json.JSONDecodeError:
        return value
