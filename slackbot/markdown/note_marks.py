"""Keeps the marks of the bot's own lines out of what the model writes.

People tell the bot's notes by their warning sign, and the bot finds its lines by their marks when
it reads its own message back. So the model's text never has that sign, nor a line that begins with
another mark: each is replaced by a sign that looks similar. A text keeps its length, and what is
replaced never depends on what follows, so a text that grows stays as it is.
"""

import re
from collections.abc import Mapping

from slackbot.markdown.code_ranges import code_ranges

SIGNS: Mapping[str, str] = {"⚠": "❗", "🔧": "🛠", "🔗": "📎", "🎤": "🎙"}
"""What stands for each sign of the bot's: those of notes, tools, sources and quotes."""

NAMES: Mapping[str, str] = {"warning": "⚠", "wrench": "🔧", "link": "🔗", "microphone": "🎤"}
"""Slack's names of these, between colons."""

_AMPERSAND = r"&(?:(?:amp|#0*38|#x0*26);?)*"
"""Escaped again and again, it decodes to the same."""


def _spelled(sign: str) -> str:
    """A pattern of all spellings of a character: as it is, or as an entity."""
    entities = rf"#0*{ord(sign)}(?!\d)|#x0*{ord(sign):x}(?![\da-f])"
    entities += "|colon" if sign == ":" else ""
    return rf"(?:\\?{re.escape(sign)}|{_AMPERSAND}(?:{entities});?)"


def _mark(name: str) -> str:
    """A pattern of a sign and of its name between colons, in all spellings, as a named group."""
    spelled_name = "".join(map(_spelled, f":{name}:"))
    return f"(?P<{name}>{_spelled(NAMES[name])}|{spelled_name})"


_LINE_MARKS = "|".join(map(_mark, ("wrench", "link", "microphone")))
_NOTE_SIGN = re.compile(_mark("warning"), re.IGNORECASE)
_LINE_START = re.compile(
    rf"^(?:{re.sub('[?]P<[a-z]+>', '?:', _LINE_MARKS)}|[^\w\n]|_|\d{{1,9}}[.)])*+",
    re.IGNORECASE | re.MULTILINE,
)
_LINE_SIGN = re.compile(_LINE_MARKS, re.IGNORECASE)


def replace_marks(markdown: str) -> str:
    """A text of the model's without the marks of the bot's own lines. Fenced code stays as it is:
    it never looks like one of them.
    """
    if not (_NOTE_SIGN.search(markdown) or _LINE_SIGN.search(markdown)):
        return markdown
    shown = _LINE_START.sub(lambda start: _LINE_SIGN.sub(_replaced, start[0]), markdown)
    shown = _NOTE_SIGN.sub(_replaced, shown)
    fenced = [each for each in code_ranges(markdown) if _begins_line(markdown, each[0])]
    return _with_originals(shown, markdown, fenced) if fenced else shown


def _replaced(mark: re.Match[str]) -> str:
    """The mark without the character that ends it, or that begins the entity at its end."""
    text = mark[0]
    place = len(text) - 1 if text[-1] in {*SIGNS, ":"} else text.rfind("&")
    return text[:place] + SIGNS[NAMES[mark.lastgroup or ""]] + text[place + 1 :]


def _begins_line(markdown: str, start: int) -> bool:
    """Whether code begins a line: a span has a mark before it, a line of a fence has not."""
    return not start or markdown[start - 1] == "\n"


def _with_originals(shown: str, markdown: str, ranges: list[tuple[int, int]]) -> str:
    pieces, place = [], 0
    for start, end in ranges:
        pieces += [shown[place:start], markdown[start:end]]
        place = end
    return "".join((*pieces, shown[place:]))
