"""The question that a person reads before a tool runs: the call with all of its arguments.

What is shown is what runs. The arguments are read as the tool gets them, numbers stay as the model
wrote them, and no character is hidden.
"""

import json
from typing import Any

from slackbot.conversation.deltas import ToolReview
from slackbot.conversation.history import ToolCall
from slackbot.delivery import texts
from slackbot.markdown.code_blocks import code_block
from slackbot.markdown.hidden_characters import quoted, quoted_key

MAX_QUESTION_CHARACTERS = 2_500
"""Of the arguments of a call to approve, which must be shown in full."""

MAX_RAW_CHARACTERS = 10 * MAX_QUESTION_CHARACTERS
"""Of the same arguments as the model wrote them, with escapes and white space."""


def approval_question(call: ToolCall, review: ToolReview = "accepted") -> str | None:
    """The question before a tool runs; None if the arguments are too long to be shown in full.

    It says why it is asked where no admin has accepted the tool as it is.
    """
    if len(call.arguments) > MAX_RAW_CHARACTERS:
        return None
    try:
        shown = _shown(_parsed(call.arguments), "\n")
    except RecursionError:
        return None
    if len(shown) > MAX_QUESTION_CHARACTERS:
        return None
    question = texts.APPROVAL_QUESTION.format(name=call.name)
    if review != "accepted":
        question = f"{question}\n{texts.APPROVAL_REASONS[review]}"
    return f"{question}\n\n{code_block(shown)}"


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
