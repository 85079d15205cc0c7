"""A text that grows by small pieces, of which a character may be in two."""

from slackbot.markdown.unicode import to_well_formed

HIGH_SURROGATES = "".join(map(chr, range(0xD800, 0xDC00)))
"""The first halves of surrogate pairs: one at the end of the text waits for its second half."""


class GrowingText:
    """It has pieces that are joined only when it is read, so adding is cheap."""

    def __init__(self, text: str = "") -> None:
        self._pieces: list[str] = [text]
        self._unpaired = ""
        """First halves of surrogate pairs at the end of the text."""

    def add(self, piece: str) -> None:
        text = self._unpaired + piece
        whole = text.rstrip(HIGH_SURROGATES)
        self._unpaired = text[len(whole) :]
        self._pieces.append(to_well_formed(whole))

    def __str__(self) -> str:
        if len(self._pieces) > 1:
            self._pieces = ["".join(self._pieces)]
        return "".join(self._pieces)
