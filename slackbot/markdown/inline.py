"""A piece of text that breaks off: the code, the links and the emphasis in it.

It is read once, from left to right. A sign says nothing by itself, so what is shown ends with the
last thing that was said, whatever signs were typed behind it, and what was open there is closed.
"""

import re

MOST_OPEN = 8
"""Emphases that are closed for display; nobody nests more of them."""

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
    """A paragraph, heading or item that may break off anywhere, made fit to be shown."""
    reading = _Reading(text)
    if reading.link:  # its address is not complete
        reading = _Reading(text[: reading.link.start()] + reading.link["label"])
    return reading.shown()


class _Reading:
    """It follows https://spec.commonmark.org/0.31.2/#inlines as far as it helps."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._open: tuple[str, ...] = ()
        self._say(0)
        place = 0
        while token := _TOKEN.search(text, place):
            self._read_words(place, token.start())
            place = self._read(token)
        self._read_words(place, len(text))

    def shown(self) -> str:
        return self._text[: self._said].rstrip() + "".join(reversed(self._closing))

    def _say(self, end: int, link: re.Match[str] | None = None) -> None:
        """Something is said up to here; `link` if that may be the half of a link."""
        self._said, self._closing, self.link = end, self._open, link

    def _read_words(self, start: int, end: int) -> None:
        if self._text[start:end].strip():
            self._say(end)

    def _read(self, token: re.Match[str]) -> int:
        """Gives the place to read on from."""
        match token.lastgroup:
            case "code":
                return self._read_code(token)
            case "link":
                self._say(token.end(), token)
            case "emphasis":
                self._read_emphasis(token)
            case "literal":
                self._say(token.end())
        return token.end()

    def _read_code(self, token: re.Match[str]) -> int:
        later = _BACKTICKS.finditer(self._text, token.end())
        end = next((run.end() for run in later if run[0] == token[0]), None)
        if end is not None:
            self._say(end)
            return end
        end = len(self._text)
        code = self._text[token.end() :].rstrip("` \t\r\n")
        if code and token[0] in {"`", "``"}:
            self._open = (*self._open, token[0])
            self._say(token.end() + len(code))
        elif code:  # a fence deep in a list, which closes by itself
            self._open = ()
            self._say(end)
        return end

    def _read_emphasis(self, token: re.Match[str]) -> None:
        run = token[0]
        before = self._text[max(token.start() - 1, 0) : token.start()]
        after = self._text[token.end() : token.end() + 1]
        in_word = _clings(run, after) and run.strip("_") in {"", "*"}
        if before.strip() and not in_word and self._close(run):
            self._say(token.end())
        elif not _clings(run, before):
            if after.strip() and run in _EMPHASES:
                self._open = (*self._open[1 - MOST_OPEN :], run)
        elif run[0] not in "".join(self._open):  # nothing that it may be half the end of
            self._say(token.end())

    def _close(self, run: str) -> bool:
        """Closes what such a run or its beginning opened last, and all within; False if nothing."""
        before = self._open
        for place in reversed(range(len(before))):
            opened = before[place]
            if run.startswith(opened):
                self._open = before[:place]
                run = run.removeprefix(opened)
            elif self._open is not before or opened[0] == run[0]:
                break
        return self._open is not before


def _clings(run: str, neighbour: str) -> bool:
    """Whether the signs are part of the word beside them: 2*3, snake_case."""
    return run[0] != "~" and neighbour.isalnum() and (run[0] == "_" or neighbour.isascii())
