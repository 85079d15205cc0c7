"""Helps emphasis and links next to Chinese, Japanese and Korean text.

CommonMark ends `**重要。**下一句` nowhere: after punctuation, the marks would have to be before
white space, which these scripts do not write. A hair space there, the thinnest that counts as white
space, lets every reader of Markdown see the emphasis; it is hardly visible, and nothing moves. It
is put only where the marks would fail, and never into code.
https://spec.commonmark.org/0.31.2/#left-flanking-delimiter-run
https://github.com/commonmark/commonmark-spec/issues/650
"""

import re
import unicodedata
from itertools import pairwise

from slackbot.markdown.blocks import INDENTED_CODE, Line, read_lines

HAIR_SPACE = "\u200a"

CJK = re.compile("[\u1100-\u11ff\u2e80-\u303f\u3040-\ua4cf\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff"
                 "\ufe30-\ufe4f\uff00-\uffef\U00020000-\U0003ffff]")  # fmt: skip
"""Letters and full-width punctuation."""

CHINESE_QUOTES = "\u2018\u2019\u201c\u201d\u2026"
"""Punctuation that other scripts use as well."""

_MARKS = re.compile(r"\*|~~|://")
_STARTS_ITEM = re.compile(r"[\s>]*(?:[-*+]|\d{1,9}[.)])[ \t]+")
_TOKEN = re.compile(
    r"\\."
    r"|(?P<code>`+)"
    r"|(?P<link>\]\([^()\s]*|<)"
    r"|(?P<url>https?://[^\s*~`<>()\[\]|\"\x7f-\U0010ffff]+)"
    r"|(?P<run>\*+|~~+)"
)
_UNFINISHED = "*~`\\"
_SEPARATE = frozenset({"heading", "table_head", "table_delimiter", "table_row"})
"""Kinds of lines that all emphasis in them ends with."""


def help_emphasis(markdown: str) -> str:
    """The same text, with hair spaces where emphasis or a link next to CJK text would not end."""
    if not _MARKS.search(markdown) or not CJK.search(markdown):
        return markdown
    scanner = _Scanner(markdown)
    for line in read_lines(markdown):
        scanner.scan(line)
    return scanner.result()


def settled(markdown: str) -> str:
    """The beginning of a growing text that `help_emphasis` changes in one way, whatever follows."""
    return markdown.rstrip(_UNFINISHED)


class _Scanner:
    """Reads each line from left to right: what it adds depends on one character ahead only."""

    def __init__(self, markdown: str) -> None:
        self._text = markdown
        self._places: list[int] = []
        self._open: list[str] = []
        """The marks of the emphasis that is open, the innermost last."""
        self._code = ""
        """The backticks that have begun code within the line."""

    def result(self) -> str:
        cuts = [0, *self._places, len(self._text)]
        pieces = [self._text[start:end] for start, end in pairwise(cuts)]
        return HAIR_SPACE.join(pieces)

    def scan(self, line: Line) -> None:
        text = self._text[line.start : line.end]
        is_code = line.indent >= INDENTED_CODE and not line.after.items
        marker = _STARTS_ITEM.match(text)
        if line.kind not in {"text", *_SEPARATE} or is_code or marker or line.kind in _SEPARATE:
            self._open, self._code = [], ""
        if is_code or line.kind not in {"text", *_SEPARATE}:
            return
        place = line.start + (marker.end() if marker else 0)
        while token := _TOKEN.search(self._text, place, line.end):
            place = self._scan_token(token, line.end)
        if line.kind in _SEPARATE:
            self._open, self._code = [], ""

    def _scan_token(self, token: re.Match[str], end: int) -> int:
        """Returns where to go on."""
        if token["code"]:
            if not self._code:
                self._code = token["code"]
            elif self._code == token["code"]:
                self._code = ""
        elif self._code:
            return token.start() + 1 if token[0][0] == "\\" else token.end()
        elif token["link"]:
            closing = self._text.find(">" if token[0] == "<" else ")", token.end(), end)
            return closing + 1 if closing >= 0 else end
        elif token["url"]:
            if self._is_cjk_punctuation(token.end()):
                self._places.append(token.end())
        elif token["run"]:
            self._scan_run(token)
        return token.end()

    def _scan_run(self, token: re.Match[str]) -> None:
        run, before, after = token[0], self._at(token.start() - 1), self._at(token.end())
        fails = (
            not (before.isspace() or after.isspace())
            and _is_punctuation(before) != _is_punctuation(after)
            and bool(CJK.match(before) or CJK.match(after))
        )
        if run in self._open:
            if fails and _is_punctuation(before):
                self._places.append(token.end())
            if not before.isspace():
                del self._open[self._open.index(run) :]
        elif not after.isspace():
            if fails and _is_punctuation(after):
                self._places.append(token.start())
            self._open.append(run)

    def _is_cjk_punctuation(self, place: int) -> bool:
        sign = self._at(place)
        return _is_punctuation(sign) and (bool(CJK.match(sign)) or sign in CHINESE_QUOTES)

    def _at(self, place: int) -> str:
        """The character there; a space at both ends of the text."""
        return self._text[place] if 0 <= place < len(self._text) else " "


def _is_punctuation(sign: str) -> bool:
    return unicodedata.category(sign)[0] in "PS"
