"""A text that grows by small pieces, of which a character may be in two."""

from slackbot.markdown.covert_text import show_covert_text
from slackbot.markdown.unicode import to_well_formed

HIGH_SURROGATES = "".join(map(chr, range(0xD800, 0xDC00)))
"""The first halves of surrogate pairs: one at the end of the text waits for its second half."""


class GrowingText:
    """It has pieces that are joined only when it is read, so adding is cheap. Nothing in it is
    hidden from those who read it in Slack, so that the next turn knows no more than they do.
    """

    def __init__(self, text: str = "") -> None:
        self._pieces: list[str] = [text]
        self._shown: str | None = None
        """The whole text as people see it; None if it has grown since."""
        self._unpaired = ""
        """First halves of surrogate pairs at the end of the text."""

    def add(self, piece: str) -> None:
        text = self._unpaired + piece
        whole = text.rstrip(HIGH_SURROGATES)
        self._unpaired = text[len(whole) :]
        self._pieces.append(to_well_formed(whole))
        self._shown = None

    def __str__(self) -> str:
        if self._shown is None:
            self._pieces = ["".join(self._pieces)]
            self._shown = show_covert_text(self._pieces[0])
        return self._shown
