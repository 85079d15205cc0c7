r"""Shows a text so that nothing in it is hidden, for a person who decides about it.

What can't be seen, what changes how other characters look or where they stand, and what looks like
a quote or a backslash is written as an escape: `\u200b`, or `\u{e0041}` where four digits are too
few. Nothing is left out, so two different texts never look the same. Letters of different alphabets
that look alike are shown as they are.

https://www.unicode.org/reports/tr44/#General_Category_Values
https://www.unicode.org/reports/tr44/#Default_Ignorable_Code_Point
"""

import re
import unicodedata
from collections.abc import Mapping

MAX_MARKS_ON_A_LETTER = 3
"""More accents on one letter hide what is around it. Vietnamese needs two, Hebrew three."""

_HIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Me", "Zl", "Zp", "Zs"})
"""Controls, formats (also the bidirectional ones and the tags), private and unassigned code points,
surrogates, marks that enclose others, and white space other than a space.
"""

_BLANKS = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef"
    "\u2800\ufffc\U0001d159]"
)
"""The default-ignorable code points of other categories: joiners, fillers and variation selectors.
The last three have blank glyphs.
"""

_LOOK_ALIKES = re.compile(
    "[\u02ba\u02dd\u02ee\u02f6\u05f2\u05f4\u1cd3\u201c-\u201f\u2033\u2036\u275d\u275e\u3003\u301d-\u301f"
    "\uff02\U0001f676-\U0001f678"  # quotes
    "\u2216\u27cd\u29f5\u29f9\u31d4\u4e36\ufe68\uff3c\U0001d20f\U0001d23b]"  # backslashes
)
"""https://www.unicode.org/Public/security/latest/confusables.txt, and quotes of other shapes."""

_IN_JSON = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}
_AS_WRITTEN = {"\n": "\n"}

_MISREAD = re.compile(
    r"(?<= {16}) |`(?=``)|(?<=`)`(?=`)|(?<=``)`|<(?=\\*[!@])|&(?=#|amp|lt|gt|quot)"
)
"""What Slack may show otherwise: a mention, an entity or the end of the code; and spaces that push
the rest out of sight.
"""

_OVERLAY = 1
"""The combining class of marks that strike a letter through."""

_RIGHT_TO_LEFT = frozenset({"R", "AL", "AN"})


def quoted(text: str) -> str:
    """A text in quotes as JSON has it, with nothing hidden."""
    return f'"{_revealed(text, _IN_JSON)}"'


def revealed(text: str) -> str:
    """A text as it is written, line by line, with nothing hidden."""
    return _revealed(text, _AS_WRITTEN)


def for_terminal(line: str) -> str:
    """A line for a terminal: what can't be seen, or steers the terminal, is shown as an escape.

    Letters, quotes and backslashes stay as they are.
    """
    if line.isascii() and line.isprintable():
        return line
    return "".join(
        _escape(sign) if _is_invisible(sign, unicodedata.category(sign)) else sign for sign in line
    )


def quoted_key(text: str) -> str:
    """The same for an object's key: between letters that are read from right to left, a key and its
    value would change places.
    """
    return "".join(
        _escape(sign) if unicodedata.bidirectional(sign) in _RIGHT_TO_LEFT else sign
        for sign in quoted(text)
    )


def _revealed(text: str, written: Mapping[str, str]) -> str:
    """`written` says how some characters are shown."""
    shown: list[str] = []
    before = ""  # the last letter with its marks
    for sign in text:
        if sign in written:
            shown.append(written[sign])
            before = ""
        elif _is_plain(sign, before):
            shown.append(sign)
            before = before + sign if unicodedata.category(sign).startswith("M") else sign
        else:
            shown.append(_escape(sign))
            before = ""
    return _MISREAD.sub(lambda found: _escape(found[0]), "".join(shown))


def _is_plain(sign: str, before: str) -> bool:
    """Whether a character is seen as what it is, after a letter with its marks."""
    if sign.isascii():
        return sign.isprintable()
    category = unicodedata.category(sign)
    if _is_invisible(sign, category) or _LOOK_ALIKES.match(sign):
        return False
    if category == "Mn" and not _fits_on(sign, before):
        return False
    # What Unicode normalizes looks the same as what it becomes: é of one or of two code points.
    return unicodedata.is_normalized("NFC", before + sign)


def _is_invisible(sign: str, category: str) -> bool:
    hidden = category in _HIDDEN_CATEGORIES and sign != " "
    return hidden or _BLANKS.match(sign) is not None


def _fits_on(mark: str, before: str) -> bool:
    """Whether a mark stands on a letter, and does not hide it."""
    if unicodedata.combining(mark) == _OVERLAY or not before[:1].isalnum():
        return False
    return len(before) <= MAX_MARKS_ON_A_LETTER


def _escape(sign: str) -> str:
    code = f"{ord(sign):04x}"
    return f"\\u{code}" if len(code) == 4 else f"\\u{{{code}}}"  # noqa: PLR2004 - as JSON has it
