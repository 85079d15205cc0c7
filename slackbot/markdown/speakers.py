"""Keeps what one person wrote from looking like another person's words. Pure.

Where the text itself says who speaks ("Ana: hello"), a message of several lines could hold a line
that begins with somebody else's name.
"""

import re
from collections.abc import Collection

_BREAKS = "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"
"""Whatever may be read as the end of a line: those of `str.splitlines()`."""

_MARKS = r"[^\w\n]{0,10}"
"""Around a name: emphasis, a bullet, spaces, what nobody sees."""


def indented(text: str) -> str:
    """The text with all lines but the first indented, for a list of what people said."""
    return "\n  ".join(text.splitlines())


def quoting_speakers(text: str, names: Collection[str]) -> str:
    """The text with a `>` before each further line that begins like words of one of these people.

    `names` are those for the model, in which `_` stands for other characters.
    """
    spellings = "|".join(re.escape(name).replace("_", r"[\W_]{1,3}") for name in sorted(names))
    if not spellings:
        return text
    speaker = re.compile(rf"([{_BREAKS}])({_MARKS}(?:{spellings}){_MARKS}[:\uff1a])", re.IGNORECASE)
    return speaker.sub(r"\1> \2", text)
