"""Checks the text of instructions before it is stored. Pure."""

import re

from slackbot.errors import InstructionsError
from slackbot.instructions import texts
from slackbot.instructions.limits import MAX_INSTRUCTIONS_CHARS
from slackbot.markdown.unicode import to_well_formed

_CONTROL_CHARACTERS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def validate_instructions(text: str, existing: str = "") -> str:
    """The text as it is stored, added to the end of an `existing` one.

    Raises InstructionsError if the text is empty, or if the result is too long.
    """
    text = normalize_text(text)
    if not any(each.isprintable() and not each.isspace() for each in text):
        raise InstructionsError(texts.EMPTY_INSTRUCTIONS)
    if existing:
        text = f"{existing}\n{text}"
    if len(text) > MAX_INSTRUCTIONS_CHARS:
        raise InstructionsError(texts.too_long(len(text)))
    return text


def normalize_text(text: str) -> str:
    """The text trimmed, without control characters, and with line feeds as line breaks."""
    lines = to_well_formed(text).replace("\r\n", "\n").replace("\r", "\n")
    return _CONTROL_CHARACTERS.sub("", lines).strip()
