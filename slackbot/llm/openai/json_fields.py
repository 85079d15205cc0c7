"""Reads JSON that may hold anything: a value that is missing, or of another type, is empty."""

from typing import Any

MAX_NUMBER = 2**53 - 1


def field(value: object, key: str) -> Any:
    return value.get(key) if isinstance(value, dict) else None


def text(value: object, key: str) -> str:
    found = field(value, key)
    return found if isinstance(found, str) else ""


def number(value: object, key: str) -> int:
    """A whole number, also one that is written as 5.0; 0 beyond what JSON can be relied on to hold:
    https://www.rfc-editor.org/rfc/rfc8259#section-6
    """
    found = field(value, key)
    if isinstance(found, float) and found.is_integer():
        found = int(found)
    if not isinstance(found, int) or isinstance(found, bool) or abs(found) > MAX_NUMBER:
        return 0
    return found


def count(value: object, key: str) -> int:
    """A number that can't be below 0."""
    return max(number(value, key), 0)
