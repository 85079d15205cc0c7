"""Tells whether an error repeats what people wrote: then its words say nothing about the server.

Validators put the value that they refuse into their errors. Without this check, a person
who writes "image input is not supported" takes pictures away from everybody for an hour. Pure.
"""

import re
from collections.abc import Iterable

RUN_WORDS = 4
"""How many words in a row are not the same by chance."""

_ESCAPED_BLANK = re.compile(r"\\[nrt]")
_QUOTE = r"""['"`]"""


def repeats(error: str, texts: Iterable[str]) -> bool:
    """Whether an error holds a run of words of one of the texts; or, in quotes or on a line of its
    own, one of those that are shorter.
    """
    error = _ESCAPED_BLANK.sub(" ", error).casefold()
    runs = set(_runs(error))
    for text in texts:
        folded = text.strip().casefold()
        if runs and not runs.isdisjoint(_runs(folded)):
            return True
        if folded and folded in error and _is_value(folded, error):
            return True
    return False


def _runs(text: str) -> Iterable[tuple[str, ...]]:
    words = re.findall(r"\w+", text)
    return zip(*(words[start:] for start in range(RUN_WORDS)), strict=False)


def _is_value(text: str, error: str) -> bool:
    value = re.escape(text)
    pattern = rf"^{value}$|{_QUOTE}{value}{_QUOTE}"
    return re.search(pattern, error, re.MULTILINE) is not None
