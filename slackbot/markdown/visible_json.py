"""Shows a JSON text as a program reads it, with nothing hidden, for a person who decides about it.

Numbers stay as they are written, and a key that stands twice is shown twice.
"""

import json
from typing import Any

from slackbot.markdown.hidden_characters import quoted, quoted_key


def visible_json(text: str) -> str:
    """The same JSON with each value on a line of its own.

    Raises ValueError for what is no JSON, and RecursionError for what is too deep.
    """
    return _shown(_parsed(text), "\n")


class _Literal(str):
    """A number, or true, false or null, as it is written."""

    __slots__ = ()


class _Object(list[tuple[str, Any]]):
    """All members of an object, in their order, also those with the same key."""


def _parsed(arguments: str) -> Any:
    return json.loads(
        arguments,
        object_pairs_hook=_Object,
        parse_int=_Literal,
        parse_float=_Literal,
        parse_constant=_Literal,
    )


def _shown(value: Any, line: str) -> str:
    """A value with each of its items on a line of its own. `line` begins a line at its depth."""
    match value:
        case _Literal():
            return value
        case str():
            return quoted(value)
        case _Object():
            members = (f"{quoted_key(key)}: {_shown(each, f'{line} ')}" for key, each in value)
            return _block("{", members, "}", line)
        case list():
            return _block("[", (_shown(each, f"{line} ") for each in value), "]", line)
        case _:
            return json.dumps(value)  # true, false or null


def _block(opening: str, items: Any, closing: str, line: str) -> str:
    inside = f",{line} ".join(items)
    return f"{opening}{line} {inside}{line}{closing}" if inside else f"{opening}{closing}"
