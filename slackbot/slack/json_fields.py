"""Reads fields of Slack's JSON, which may be missing or of any type: no event raises an error."""

from collections.abc import Mapping
from typing import Any


def text_in(data: Mapping[str, Any], name: str) -> str:
    """Returns a string; "" for any other value."""
    value = data.get(name)
    return value if isinstance(value, str) else ""


def object_in(data: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Returns an object; an empty one for any other value."""
    value = data.get(name)
    return value if isinstance(value, dict) else {}


def objects_in(data: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """Returns the objects in a list; none for any other value."""
    value = data.get(name)
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def number_in(data: Mapping[str, Any], name: str, *, most: int) -> int:
    """Returns a whole number from 0 to `most`; 0 for any other value."""
    value = data.get(name)
    return min(max(int(value), 0), most) if isinstance(value, int) else 0
