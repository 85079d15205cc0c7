"""Puts a text that others wrote between two lines that it can't imitate. Pure.

An escape has to know every spelling of a tag that a model may take for it. A fence does not: its
lines hold a code that does not occur in the text, however it is spelled, as a longer fence in
Markdown does not. The same text always gets the same code, since the server caches the beginnings
of requests.
"""

import re
from functools import lru_cache
from hashlib import sha256
from itertools import count
from unicodedata import decimal, normalize

CODE_DIGITS = 10

_NO_DIGITS = re.compile(r"\D+")
_FOREIGN_DIGIT = re.compile(r"[^\D0-9]")

_CLEAR_DIGITS = str.maketrans("01234567", "23456789")
"""A letter may look like 0 or 1."""


def fenced(tag: str, name: str, text: str) -> str:
    """The text between `<tag CODE name="…">` and `</tag CODE>`, each on a line of its own."""
    code = fence_code(name, text)
    return f'<{tag} {code} name="{name}">\n{text}\n</{tag} {code}>'


@lru_cache(maxsize=64)  # a long text takes a tenth of a second, and each request asks a few times
def fence_code(name: str, text: str) -> str:
    """Digits that occur in neither of them."""
    written = digits_of(name), digits_of(text)
    seed = sha256(f"{name}\n{text}".encode(errors="replace"))
    for number in count():
        attempt = seed.copy()
        attempt.update(str(number).encode())
        value = int.from_bytes(attempt.digest(), "big")
        code = f"{value:o}"[-CODE_DIGITS:].translate(_CLEAR_DIGITS)
        if not any(code in each for each in written):
            return code
    raise AssertionError("unreachable")


def digits_of(text: str) -> str:
    """All digits of a text one after the other, in every script, width and style as 0 to 9."""
    # Character by character: a long row of combining marks takes normalize() minutes to sort.
    foreign = {ord(each): normalize("NFKD", each) for each in set(text) if not each.isascii()}
    digits = _NO_DIGITS.sub("", text.translate(foreign) if foreign else text)
    return _FOREIGN_DIGIT.sub(lambda digit: str(decimal(digit[0])), digits)
