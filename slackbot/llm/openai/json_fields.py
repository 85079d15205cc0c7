"""Reads JSON that may hold anything: a value that is missing, or of another type, is empty."""

from typing import Any


def field(value: object, key: str) -> Any:
    return value.get(key) if isinstance(value, dict) else None


def text(value: object, key: str) -> str:
    found = field(value, key)
    return found if isinstance(found, str) else ""


def number(value: object, key: str) -> int:
    found = field(value, key)
    return found if isinstance(found, int) else 0
