"""Completes inline Markdown that breaks off: code, links and emphasis.

The text is read once, from left to right. Marks alone say nothing, so the result ends with the last
words, whatever marks follow them, and every span that is open there is closed.
"""

import re

MAX_OPEN_EMPHASES = 8
"""How many open emphases are closed for display. Real text nests fewer."""

_TOKEN = re.compile(
    r"(?P<code>`+)"
    r"|(?P<link>(?<!\])!?\[(?P<label>(?:[^\[\]\w]|_)*[^\W_][^\[\]]*)\]\((?:[^\s()]|\([^\s()]*\)?)*+)"
    r"|(?P<emphasis>\*+|_+|~+)"
    r"|(?P<backslash>\\(?!\S))"
    r"|(?P<literal>\\\S|https?://(?:[^\s<>*`]*[^\s<>*`_~])?)"
)
_BACKTICKS = re.compile("`+")
_EMPHASES = frozenset({"*", "**", "***", "_", "__", "___", "~~"})


def close_inline(text: str) -> str:
    """A paragraph, heading or list item that may break off anywhere, completed for display."""
    scanner = _InlineScanner(text)
    if scanner.open_link:  # its address is not complete
        scanner = _InlineScanner(text[: scanner.open_link.start()] + scanner.open_link["label"])
    return scanner.closed()


class _InlineScanner:
    """It follows https://spec.commonmark.org/0.31.2/#inlines as far as that helps."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._open: tuple[str, ...] = ()
        self._mark_content(0)
        place = 0
        while token := _TOKEN.search(text, place):
            self._scan_words(place, token.start())
            place = self._scan_token(token)
        self._scan_words(place, len(text))

    def closed(self) -> str:
        return self._text[: self._content_end].rstrip() + "".join(reversed(self._closing))

    def _mark_content(self, end: int, link: re.Match[str] | None = None) -> None:
        """There are words up to `end`; `link` if they may be the first half of a link."""
        self._content_end, self._closing, self.open_link = end, self._open, link

    def _scan_words(self, start: int, end: int) -> None:
        if self._text[start:end].strip():
            self._mark_content(end)

    def _scan_token(self, token: re.Match[str]) -> int:
        """Returns the offset to go on from."""
        match token.lastgroup:
            case "code":
                return self._scan_code(token)
            case "link":
                self._mark_content(token.end(), token)
            case "emphasis":
                self._scan_emphasis(token)
            case "literal":
                self._mark_content(token.end())
        return token.end()

    def _scan_code(self, token: re.Match[str]) -> int:
        later = _BACKTICKS.finditer(self._text, token.end())
        end = next((run.end() for run in later if run[0] == token[0]), None)
        if end is not None:
            self._mark_content(end)
            return end
        end = len(self._text)
        code = self._text[token.end() :].rstrip("` \t\r\n")
        if code and token[0] in {"`", "``"}:
            self._open = (*self._open, token[0])
            self._mark_content(token.end() + len(code))
        elif code:  # a fence deep in a list, which closes by itself
            self._open = ()
            self._mark_content(end)
        return end

    def _scan_emphasis(self, token: re.Match[str]) -> None:
        run = token[0]
        before = self._text[max(token.start() - 1, 0) : token.start()]
        after = self._text[token.end() : token.end() + 1]
        in_word = _joins_word(run, after) and run.strip("_") in {"", "*"}
        if before.strip() and not in_word and self._close(run):
            self._mark_content(token.end())
        elif not _joins_word(run, before):
            if after.strip() and run in _EMPHASES:
                self._open = (*self._open[1 - MAX_OPEN_EMPHASES :], run)
        elif run[0] not in "".join(self._open):  # it can't be half of a closing mark
            self._mark_content(token.end())

    def _close(self, run: str) -> bool:
        """Closes the innermost emphasis that the run or its beginning opened, with all inside it.

        False if there is none.
        """
        before = self._open
        for place in reversed(range(len(before))):
            opened = before[place]
            if run.startswith(opened):
                self._open = before[:place]
                run = run.removeprefix(opened)
            elif self._open is not before or opened[0] == run[0]:
                break
        return self._open is not before


def _joins_word(run: str, neighbour: str) -> bool:
    """Whether the marks belong to the word next to them: 2*3, snake_case."""
    return run[0] != "~" and neighbour.isalnum() and (run[0] == "_" or neighbour.isascii())
