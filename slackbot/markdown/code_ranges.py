"""Finds the parts of a text that are code in every reading, so that they can be left as written.

CommonMark and Slack may disagree about what is code, and a text may be written so that they do. So
this is strict: a fence counts if its first and last line are plain, and nothing is taken for code
after a line that one reader may see as the edge of code and another may not. What comes first never
depends on what follows, so a text that grows keeps its code.
https://spec.commonmark.org/0.31.2/#fenced-code-blocks
https://spec.commonmark.org/0.31.2/#code-spans
"""

import re
from collections.abc import Iterator

MAX_SPAN_CHARACTERS = 62
"""Of code within a line; what is longer is not looked at."""

_OPENING = re.compile(r"(?P<indent> {0,3})(?P<mark>`{3,})[\w+#.-]*[ \t]*$")
_CLOSING = re.compile(r" {0,3}(?P<mark>`+)[ \t]*$")
_FENCE_MARK = re.compile("```|~~~")
_HTML = re.compile(r"[\s>*+\-\d.)]*<")
"""A block of HTML may hold what looks like a fence."""

_SPAN = re.compile(
    rf"(?<![\w`])`(?P<code>[^`|<\]\\]{{1,{MAX_SPAN_CHARACTERS}}})`(?![\w`])|[`|<\]\\]"
)
"""Code within a line, or a sign after which it is not certain where code begins."""

_ODD_LINE_END = re.compile("\r(?!\n)|[\v\f\x85\u2028\u2029]")


def code_ranges(markdown: str) -> Iterator[tuple[int, int]]:
    """Yields the beginning and the end of each part that is code, without its marks."""
    odd = _ODD_LINE_END.search(markdown)
    text = markdown[: odd.start()] if odd else markdown
    fence: re.Match[str] | None = None
    is_certain, start = True, 0
    for each in text.split("\n"):
        line = each.removesuffix("\r")
        if fence is not None:
            closing = _closing(fence, line)
            if closing is None:
                return
            if closing:
                fence = None
            elif mark := _FENCE_MARK.search(line):
                yield start, start + mark.start()
                return
            else:
                yield start, start + len(line)
        elif fence := _OPENING.match(line):
            is_certain = True
        elif _HTML.match(line):
            return
        else:
            mark = _FENCE_MARK.search(line)
            is_certain = is_certain or not line.strip()
            if is_certain:
                spans, is_certain = _spans(line, mark.start() if mark else len(line))
                yield from ((start + begin, start + end) for begin, end in spans)
            if mark:
                return
        start += len(each) + 1


def _spans(line: str, end: int) -> tuple[list[tuple[int, int]], bool]:
    """Code in a line up to `end`, and whether it is certain what is code after it."""
    found: list[tuple[int, int]] = []
    for match in _SPAN.finditer(line, 0, end):
        if match["code"] is None:
            return found, False
        found.append(match.span("code"))
    return found, True


def _closing(fence: re.Match[str], line: str) -> bool | None:
    """Whether a line ends the fence; None if it may end the list around it."""
    indent = len(line) - len(line.lstrip(" \t"))
    if line.strip() and len(line[:indent].expandtabs(4)) < len(fence["indent"]):
        return None
    closing = _CLOSING.match(line)
    return closing is not None and closing["mark"] == fence["mark"]
