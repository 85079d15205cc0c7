"""What is shown of a page that is still being written.

Half a page of Markdown looks broken: a lone `**`, a link without its address, a fence that is
open. Only the page's end is touched: what cannot be shown yet is left off, what is open is closed.
"""

import re

from slackbot.pages import Fence, last_fence

MOST_OPEN = 8
"""Emphases that are closed for display; nobody nests more of them."""

_BARE_LINE = re.compile(
    r"[\s>#*_~`+=-]*+(?:\d{1,9}[.)])?+[\s*_~`]*+(?:\[[ xX]?\]?)?+\s*"  # marks, and nothing said
    r"|[ \t]*\|(?:.*[^|\s])?\s*"  # half a row of a table
)
_NEW_BLOCK = re.compile(r"[ \t]*(?:(?:[-*+]|\d{1,9}[.)]|#{1,6})[ \t]|(?P<row>\|)|\r?\Z)")
_TOKEN = re.compile(
    r"(?P<code>`+)"
    r"|(?P<link>(?<!\])!?\[(?P<label>[^\[\]\w]*\w[^\[\]]*)\]\((?:[^\s()]|\([^\s()]*\)?)*+)"
    r"|(?P<emphasis>\*+|_+|~+)"
    r"|(?P<backslash>\\\Z)|\\[\s\S]"
    r"|https?://(?:[^\s<>*`]*[^\s<>*`_~])?"
)
_BACKTICKS = re.compile("`+")
_EMPHASES = frozenset({"*", "**", "***", "_", "__", "___", "~~"})


def preview(page: str) -> str:
    """The page with its end made fit to be shown; empty if there is nothing to show yet."""
    while True:
        kept, closing = _kept(page)
        if kept == page:
            return kept + closing
        page = kept


def _kept(page: str) -> tuple[str, str]:
    """What can be shown of the page, and what closes that."""
    fence = last_fence(page)
    if fence is not None and fence.end is None:
        return _kept_code(page, fence)
    start = fence.end if fence and fence.end else 0
    text = page[start:]
    said = text[: _end_of_said(text)].rstrip()
    begin = _last_block(said)
    block = _Block(said[begin:])
    return page[:start] + said[:begin] + block.text, block.closing


def _kept_code(page: str, fence: Fence) -> tuple[str, str]:
    lines = page[fence.body :].split("\n")
    while lines and fence.mark.startswith(lines[-1].strip()):  # blank, or the closing line typed
        lines.pop()
    if not lines:
        return page[: fence.start], ""
    return page[: fence.body] + "\n".join(lines).rstrip(), f"\n{fence.mark}"


def _end_of_said(text: str) -> int:
    """Where the lines at the end begin that say nothing yet."""
    end = len(text)
    while end > 0 and _BARE_LINE.fullmatch(text, text.rfind("\n", 0, end) + 1, end):
        end = max(text.rfind("\n", 0, end), 0)
    return end


def _last_block(text: str) -> int:
    """Where the last paragraph, heading or item begins; behind the last row of a table."""
    start = end = len(text)
    block = None
    while start and not block:
        start = text.rfind("\n", 0, end) + 1
        block = _NEW_BLOCK.match(text, start, end)
        end = start - 1
    return len(text) if block and block["row"] else start


class _Block:
    """A block of text, read from left to right: what can be shown of it, and what closes that.

    It follows https://spec.commonmark.org/0.31.2/#emphasis-and-strong-emphasis as far as it helps.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self._open: list[re.Match[str]] = []
        self._code = ""
        self._lone_start = self._lone_end = 0
        place = 0
        while token := _TOKEN.search(self.text, place):
            place = self._read(token)
        if not self.text[self._lone_end :].strip():
            self.text = self.text[: self._lone_start]
        self.text = self.text.rstrip()
        self.closing = self._code + "".join(opened[0] for opened in reversed(self._open))

    def _read(self, token: re.Match[str]) -> int:
        """Gives the place to read on from."""
        if token["code"]:
            return self._read_code(token)
        if token["link"] and token.end() == len(self.text):  # its address is not complete
            self.text = self.text[: token.start()] + token["label"]
            return token.start()
        if token["emphasis"]:
            self._read_emphasis(token)
        elif token["backslash"]:
            self._leave_alone(token)
        return token.end()

    def _read_code(self, token: re.Match[str]) -> int:
        later = _BACKTICKS.finditer(self.text, token.end())
        end = next((each.end() for each in later if each[0] == token[0]), None)
        if end is not None:
            return end
        code = self.text[token.end() :].rstrip("` \t\r\n")
        if not code:
            self._leave_alone(token)
            return token.end()
        if token[0] in {"`", "``"}:
            self.text = self.text[: token.end()] + code
            self._code = token[0]
        else:  # a fence deep in a list, which closes by itself
            self._open.clear()
        return len(self.text)

    def _read_emphasis(self, token: re.Match[str]) -> None:
        run = token[0]
        before = self.text[max(token.start() - 1, 0) : token.start()]
        after = self.text[token.end() : token.end() + 1]
        in_word = _clings(run, after) and run.strip("_") in {"", "*"}
        if before.strip() and not in_word and self._close(run):
            return
        half_closed = not after and any(opened[0][0] == run[0] for opened in self._open)
        if half_closed or not _clings(run, before):
            self._leave_alone(token)
            if after.strip() and run in _EMPHASES:
                self._open = [*self._open[1 - MOST_OPEN :], token]

    def _close(self, run: str) -> bool:
        """Closes what such a run or its beginning opened, and all in between; False if nothing."""
        for place, opened in reversed([*enumerate(self._open)]):
            if run.startswith(opened[0]):
                del self._open[place:]
                self._close(run.removeprefix(opened[0]))
                return True
        return False

    def _leave_alone(self, token: re.Match[str]) -> None:
        """It is left off if nothing but others of its kind comes after it."""
        if self.text[self._lone_end : token.start()].strip():
            self._lone_start = token.start()
        self._lone_end = token.end()


def _clings(run: str, neighbour: str) -> bool:
    """Whether the signs are part of the word beside them: 2*3, snake_case."""
    return run[0] != "~" and neighbour.isalnum() and (run[0] == "_" or neighbour.isascii())
