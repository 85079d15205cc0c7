"""Reads fields of Slack's JSON, which may be missing or of any type: no event raises an error."""

import re
from collections.abc import Mapping
from typing import Any, Protocol

from slackbot.markdown.unicode import to_well_formed


class Fields(Protocol):
    """A JSON object, or slack-sdk's answer, which holds one."""

    def get(self, key: str, /) -> Any: ...


_TS = re.compile(r"\d{1,12}(?:\.\d{1,9})?", re.ASCII)


def text_in(data: Fields, name: str) -> str:
    """Returns a string without halves of characters; "" for any other value."""
    value = data.get(name)
    return to_well_formed(value) if isinstance(value, str) else ""


def ts_in(data: Fields, name: str) -> str:
    """Returns the ts of a message, which is a decimal number; "" for any other value."""
    value = text_in(data, name)
    return value if _TS.fullmatch(value) else ""


def texts_in(data: Fields, name: str) -> list[str]:
    """Returns the strings in a list; none for any other value."""
    value = data.get(name)
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def object_in(data: Fields, name: str) -> Mapping[str, Any]:
    """Returns an object; an empty one for any other value."""
    value = data.get(name)
    return value if isinstance(value, dict) else {}


def objects_in(data: Fields, name: str) -> list[Mapping[str, Any]]:
    """Returns the objects in a list; none for any other value."""
    value = data.get(name)
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def number_in(data: Fields, name: str, *, most: int) -> int:
    """Returns a whole number from 0 to `most`; 0 for any other value."""
    value = data.get(name)
    return min(max(int(value), 0), most) if isinstance(value, int) else 0
