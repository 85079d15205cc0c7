"""What the model gets of a file, and how many tokens that takes.

The numbers of tokens are estimates, for the budget of a request. The server counts for itself.
"""

import math
from dataclasses import dataclass, replace
from typing import Literal

from slackbot.markdown.fences import fenced

PATCH_PIXELS = 32
"""A model counts a picture in squares with sides of so many pixels.

https://platform.openai.com/docs/guides/images-vision#calculating-costs
"""

MAX_PATCHES = 1_536
"""The server scales a larger picture down to so many, so the bot sends none that is larger."""

MAX_SIDE_PIXELS = 8_000
"""Anthropic's models, behind a gateway, take no longer picture:
https://docs.anthropic.com/en/docs/build-with-claude/vision
"""

MIN_SIDE_PIXELS = 32
"""Qwen's models and those built like them refuse a side below 28 or 32 ("must be larger than
factor"): https://github.com/QwenLM/Qwen3-VL, `smart_resize`. All known servers take this.
"""

MAX_ASPECT_RATIO = 100
"""The same models refuse above 200."""

MAX_ENLARGED_PIXELS = 2_048
"""How long a small picture becomes at most. A line that is longer gets a margin instead."""

TOKENS_PER_PATCH = 1.62
"""For the small models, which count more than the large ones."""

TOKENS_PER_PDF_PAGE = 1_000
"""For a page that the model looks at, in addition to its text: about a picture of that size."""

TOKENS_PER_BYTE = 0.25
"""For text. The rate that the server was seen to count is not used here: where a text is cut must
not change from one request to the next."""

TOKENS_PER_AUDIO_SECOND = 10
"""https://platform.openai.com/docs/guides/audio"""

MAX_AUDIO_SECONDS = 20 * 60
"""How much of a recording is used. OpenAI transcribes up to 25 minutes and 25 MB.

https://platform.openai.com/docs/guides/speech-to-text
"""

TEXT_WRAPPER_BYTES = 180
"""Room for the lines around the text of a document."""


@dataclass(frozen=True, slots=True)
class ImageContent:
    """A picture: upright, as large as servers take it and models look at it, without metadata."""

    content: bytes
    mimetype: Literal["image/png", "image/jpeg"]
    width: int
    height: int
    name: str = ""

    @property
    def tokens(self) -> int:
        return math.ceil(count_patches(self.width, self.height) * TOKENS_PER_PATCH)


@dataclass(frozen=True, slots=True)
class TextContent:
    """The text of a document, or its beginning. It becomes part of a message's text."""

    name: str
    text: str
    total_bytes: int
    """The length of the whole document's text in UTF-8."""

    @property
    def percent(self) -> int:
        """How much of the document this is; 100 only if it is complete."""
        if self.is_complete:
            return 100
        return min(99, math.floor(100 * len(self.text.encode()) / self.total_bytes))

    @property
    def is_complete(self) -> bool:
        return len(self.text.encode()) >= self.total_bytes

    @property
    def quoted(self) -> str:
        """The text between tags, for a message. The document itself can't imitate them."""
        end = "" if self.is_complete else f"\n[The file goes on. This is {self.percent} % of it.]"
        return fenced("file", self.name.replace('"', "'"), f"{self.text.strip()}{end}")

    @property
    def tokens(self) -> int:
        return math.ceil(len(self.quoted.encode()) * TOKENS_PER_BYTE)

    def truncated(self, max_tokens: float) -> "TextContent":
        """As much of it as takes at most `max_tokens`: whole lines, or part of the first one."""
        room = max(0, int(max_tokens / TOKENS_PER_BYTE) - TEXT_WRAPPER_BYTES)
        encoded = self.text.encode()
        if len(encoded) <= room:
            return self
        text = encoded[:room].decode(errors="ignore")
        lines = text.rpartition("\n")[0]
        return replace(self, text=lines or text)


@dataclass(frozen=True, slots=True)
class PdfContent:
    """A whole PDF document. The server reads its text and looks at its pages.

    https://platform.openai.com/docs/guides/pdf-files
    """

    content: bytes
    extract: TextContent
    """Its text, for a server that takes no PDF."""
    pages: int

    @property
    def tokens(self) -> int:
        return self.extract.tokens + self.pages * TOKENS_PER_PDF_PAGE


@dataclass(frozen=True, slots=True)
class AudioContent:
    """The sound of a recording as MP3, or its beginning.

    https://platform.openai.com/docs/guides/audio
    """

    content: bytes
    name: str
    seconds: float
    total_seconds: float
    """How long the whole recording is."""

    @property
    def tokens(self) -> int:
        return math.ceil(self.seconds * TOKENS_PER_AUDIO_SECOND)

    @property
    def is_complete(self) -> bool:
        return self.total_seconds < self.seconds + 1


MediaPart = ImageContent | PdfContent | AudioContent
"""What is sent next to the text of a message."""

PreparedFile = MediaPart | TextContent


@dataclass(frozen=True, slots=True)
class UnreadFile:
    """Stands for a file that was not read this time."""

    reason: str
    """The model reads it."""


def count_patches(width: int, height: int) -> int:
    """How many squares cover a picture of this size, in pixels."""
    return math.ceil(width / PATCH_PIXELS) * math.ceil(height / PATCH_PIXELS)


def fit_size(width: int, height: int) -> tuple[int, int]:
    """The largest size of the same shape, in pixels, that the server does not scale down."""
    longest = MAX_SIDE_PIXELS / max(width, height)
    scale = min(1.0, longest, math.sqrt(MAX_PATCHES * PATCH_PIXELS**2 / (width * height)))
    fitted = _scale(width, height, scale)
    while count_patches(*fitted) > MAX_PATCHES:
        scale *= 0.99
        fitted = _scale(width, height, scale)
    return fitted


def enlarge_factor(width: int, height: int) -> int:
    """How many times larger a small picture has to be, without becoming very long."""
    wanted = math.ceil(MIN_SIDE_PIXELS / min(width, height))
    return max(1, min(wanted, MAX_ENLARGED_PIXELS // max(width, height)))


def pad_size(width: int, height: int) -> tuple[int, int]:
    """The size of the canvas that a narrow picture needs, in pixels."""
    least = max(MIN_SIDE_PIXELS, math.ceil(max(width, height) / MAX_ASPECT_RATIO))
    return max(width, least), max(height, least)


def _scale(width: int, height: int, factor: float) -> tuple[int, int]:
    return max(1, int(width * factor)), max(1, int(height * factor))
