"""Tells whether a message's text and its blocks say the same."""

import re

_NOT_COMPARED = re.compile(r"<[^<>]*>|:[\w+'-]+:|&(?:amp|lt|gt);")
"""Mentions and links, names of emoji, and escapes: they differ in form alone."""


def says_the_same(text: str, shown: str) -> bool:
    """Returns whether two texts in Slack's markup have the same letters and digits."""
    return _letters(text) == _letters(shown)


def _letters(markup: str) -> str:
    return "".join(filter(str.isalnum, _NOT_COMPARED.sub("", markup)))
