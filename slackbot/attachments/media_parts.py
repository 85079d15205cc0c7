"""What a model is sent of an attachment, and what that costs.

The estimates of tokens are for the budget of a request alone; the server counts for itself.
"""

import math
from dataclasses import dataclass, replace
from typing import Literal

PATCH = 32
"""Pixels along a side of the squares by which pictures are counted.

https://platform.openai.com/docs/guides/images-vision#calculating-costs
"""

MOST_PATCHES = 1_536
"""Into so many a larger picture is scaled down by the server, so it is sent no larger."""

TOKENS_PER_PATCH = 1.62
"""That of the small models, which is more than that of the large ones."""

TOKENS_PER_PAGE = 1_000
"""Of a PDF that is looked at, beside its text: about that of a picture of this size."""

TOKENS_PER_BYTE = 0.25
"""Of text. What the server counted before is not taken here: where a text is cut must not change
from one request to the next."""

TOKENS_PER_SECOND = 10
"""Of sound: https://platform.openai.com/docs/guides/audio"""

LONGEST_CLIP = 20 * 60
"""Seconds that are listened to; OpenAI's transcription takes 25 minutes, and 25 MB."""

FRAME = 160
"""Bytes that stand around a text."""


@dataclass(frozen=True, slots=True)
class ImageContent:
    """Upright, no larger than the model looks at it, and without what its camera noted."""

    content: bytes
    mimetype: Literal["image/png", "image/jpeg"]
    width: int
    height: int

    @property
    def tokens(self) -> int:
        return math.ceil(patches(self.width, self.height) * TOKENS_PER_PATCH)


@dataclass(frozen=True, slots=True)
class TextContent:
    """The text of a document, or its beginning: it goes into the text of a message."""

    name: str
    text: str
    size: int
    """Of the whole in bytes of UTF-8."""

    @property
    def share(self) -> float:
        """How much of the whole this is, from 0 to 1."""
        return min(1.0, len(self.text.encode()) / max(self.size, 1))

    @property
    def percent(self) -> int:
        """The same, for a sentence: 100 is all of it."""
        return 100 if self.is_whole else min(99, math.floor(self.share * 100))

    @property
    def is_whole(self) -> bool:
        return len(self.text.encode()) >= self.size

    @property
    def quoted(self) -> str:
        """As it stands in a message: who wrote it can't end it."""
        name, text = self.name.replace('"', "'"), self.text.replace("</file", "<\\/file").strip()
        end = "" if self.is_whole else f"\n[The file goes on. This is {self.percent} % of it.]"
        return f'<file name="{name}">\n{text}{end}\n</file>'

    @property
    def tokens(self) -> int:
        return math.ceil(len(self.quoted.encode()) * TOKENS_PER_BYTE)

    def cut(self, tokens: float) -> "TextContent":
        """As much of it as fits, in whole lines where that leaves anything."""
        room = max(0, int(tokens / TOKENS_PER_BYTE) - FRAME)
        encoded = self.text.encode()
        if len(encoded) <= room:
            return self
        text = encoded[:room].decode(errors="ignore")
        lines = text.rpartition("\n")[0]
        return replace(self, text=lines or text)


@dataclass(frozen=True, slots=True)
class PdfContent:
    """A whole PDF document, of which the server reads the text and looks at the pages.

    https://platform.openai.com/docs/guides/pdf-files
    """

    content: bytes
    extract: TextContent
    """Its text, for a server that does not take files."""
    pages: int

    @property
    def tokens(self) -> int:
        return self.extract.tokens + self.pages * TOKENS_PER_PAGE


@dataclass(frozen=True, slots=True)
class AudioContent:
    """The sound of a recording as MP3, or its beginning.

    https://platform.openai.com/docs/guides/audio
    """

    content: bytes
    name: str
    seconds: float
    whole: float
    """How many seconds there are of it."""

    @property
    def tokens(self) -> int:
        return math.ceil(self.seconds * TOKENS_PER_SECOND)

    @property
    def is_whole(self) -> bool:
        return self.whole < self.seconds + 1


MediaPart = ImageContent | PdfContent | AudioContent
"""What is sent beside the text."""

PreparedFile = MediaPart | TextContent


def patches(width: int, height: int) -> int:
    """How many squares cover a picture of so many pixels."""
    return math.ceil(width / PATCH) * math.ceil(height / PATCH)


def fitting(width: int, height: int) -> tuple[int, int]:
    """The largest size of a picture with these sides that the server does not scale down."""
    scale = min(1.0, math.sqrt(MOST_PATCHES * PATCH**2 / (width * height)))
    fitted = _scaled(width, height, scale)
    while patches(*fitted) > MOST_PATCHES:
        scale *= 0.99
        fitted = _scaled(width, height, scale)
    return fitted


def _scaled(width: int, height: int, scale: float) -> tuple[int, int]:
    return max(1, int(width * scale)), max(1, int(height * scale))
