"""Reads fields of JSON that may hold anything: what is missing, or of another type, is empty.

Nothing that Slack or a model's server sends raises an error here.
"""

from collections.abc import Mapping
from typing import Any

MAX_NUMBER = 2**53 - 1
"""JSON can't be relied on to hold more: https://www.rfc-editor.org/rfc/rfc8259#section-6"""


def field(data: object, name: str) -> Any:
    """Returns a field of an object, of any type; None if it is missing."""
    return data.get(name) if isinstance(data, dict) else None


def text_in(data: object, name: str) -> str:
    value = field(data, name)
    return value if isinstance(value, str) else ""


def object_in(data: object, name: str) -> Mapping[str, Any]:
    value = field(data, name)
    return value if isinstance(value, dict) else {}


def list_in(data: object, name: str) -> list[Any]:
    value = field(data, name)
    return value if isinstance(value, list) else []


def objects_in(data: object, name: str) -> list[Mapping[str, Any]]:
    """Returns the objects in a list, without what else is in it."""
    return [each for each in list_in(data, name) if isinstance(each, dict)]


def number_in(data: object, name: str) -> int:
    """Returns a whole number, also one that is written as 5.0; 0 beyond MAX_NUMBER."""
    value = field(data, name)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) > MAX_NUMBER:
        return 0
    return value


def count_in(data: object, name: str, *, most: int = MAX_NUMBER) -> int:
    """Returns a whole number that is no less than 0 and no more than `most`."""
    return min(max(number_in(data, name), 0), most)
