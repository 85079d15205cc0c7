"""Takes what a reader writes for what it may be: one of a few results, within narrow limits.

The file may have taken the reader over, so its output is as hostile as the file. What is not
exactly as our reader writes it makes the file "too complex to read". Pure.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from slackbot.attachments.extraction.audio_formats import MAX_TOTAL_SECONDS, audio_format
from slackbot.attachments.extraction.errors import UnreadableFileError, UnreadableReason
from slackbot.attachments.extraction.file_types import PDF_HEADER_BYTES
from slackbot.attachments.extraction.image_headers import ImageHeader, image_header
from slackbot.attachments.media_parts import (
    MAX_AUDIO_SECONDS,
    MAX_PATCHES,
    MAX_SIDE_PIXELS,
    AudioContent,
    ImageContent,
    PdfContent,
    PreparedFile,
    TextContent,
    count_patches,
)

MAX_HEADER_BYTES = 1_000
"""Of the line of JSON."""

MAX_IMAGE_BYTES = 8 * 10**6
"""A JPEG of the largest size has a quarter of that."""

MAX_AUDIO_BYTES_PER_SECOND = 8_000
"""The MP3 has 6,000, and some more for a header."""

AUDIO_HEADER_BYTES = 64 * 1024

AUDIO_OVERSHOOT_SECONDS = 60
"""The sound ends with the first frame after the limit; some frames are that long."""

MAX_AUDIO_BYTES = AUDIO_HEADER_BYTES + MAX_AUDIO_BYTES_PER_SECOND * (
    MAX_AUDIO_SECONDS + AUDIO_OVERSHOOT_SECONDS
)

MAX_TOTAL_BYTES = 10**12

MAX_PAGES = 10**6

Side = Annotated[int, Field(ge=1, le=MAX_SIDE_PIXELS)]
Figure = Annotated[int, Field(ge=0, le=10**9)]


class _Result(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False)


class _Unreadable(_Result):
    unreadable: UnreadableReason
    error: str = Field("", max_length=80)
    megabytes: Figure = 0
    megapixels: Figure = 0
    limit: Figure = 0


class _Image(_Result):
    kind: Literal["image"]
    mimetype: Literal["image/png", "image/jpeg"]
    width: Side
    height: Side


class _Audio(_Result):
    kind: Literal["audio"]
    seconds: float = Field(gt=0, le=MAX_AUDIO_SECONDS + AUDIO_OVERSHOOT_SECONDS)
    total_seconds: float = Field(gt=0, le=MAX_TOTAL_SECONDS)


class _Document(_Result):
    kind: Literal["docx", "pptx", "spreadsheet", "text", "canvas", "email"]
    total_bytes: int = Field(ge=0, le=MAX_TOTAL_BYTES)


class _Pdf(_Result):
    kind: Literal["pdf"]
    total_bytes: int = Field(ge=0, le=MAX_TOTAL_BYTES)
    pages: int = Field(ge=0, le=MAX_PAGES)


_RESULT: TypeAdapter[_Unreadable | _Image | _Audio | _Document | _Pdf] = TypeAdapter(
    _Unreadable | _Image | _Audio | _Document | _Pdf
)


def max_output_bytes(max_text_bytes: int) -> int:
    """The longest output that any file may have."""
    return MAX_HEADER_BYTES + max(max_text_bytes, MAX_IMAGE_BYTES, MAX_AUDIO_BYTES)


def prepared_file(
    output: bytes, *, name: str, original: bytes, max_text_bytes: int
) -> PreparedFile:
    """What the model gets of the file `original` whose reader wrote `output`.

    Raises UnreadableFileError.
    """
    line, _, content = output.partition(b"\n")
    try:
        result = _RESULT.validate_json(line[:MAX_HEADER_BYTES])
        match result:
            case _Unreadable():
                raise UnreadableFileError(
                    result.unreadable,
                    megabytes=result.megabytes,
                    megapixels=result.megapixels,
                    limit=result.limit,
                )
            case _Image():
                return _image(result, content, name)
            case _Audio():
                return _audio(result, content, name)
            case _Document():
                return _text(result, content, name, max_text_bytes)
            case _Pdf():
                _require(b"%PDF-" in original[:PDF_HEADER_BYTES])
                text = _text(result, content, name, max_text_bytes)
                return PdfContent(original, text, result.pages)
    except (ValidationError, ValueError) as err:
        raise UnreadableFileError("too_complex") from err


def _image(result: _Image, content: bytes, name: str) -> ImageContent:
    size = result.width, result.height
    _require(image_header(content) == ImageHeader(result.mimetype, *size))
    _require(len(content) <= MAX_IMAGE_BYTES and count_patches(*size) <= MAX_PATCHES)
    return ImageContent(content, result.mimetype, *size, name)


def _audio(result: _Audio, content: bytes, name: str) -> AudioContent:
    _require(audio_format(content) == "mp3")
    _require(len(content) <= AUDIO_HEADER_BYTES + MAX_AUDIO_BYTES_PER_SECOND * result.seconds)
    return AudioContent(content, name, result.seconds, result.total_seconds)


def _text(result: _Document | _Pdf, content: bytes, name: str, max_text_bytes: int) -> TextContent:
    _require(len(content) <= max_text_bytes and len(content) <= result.total_bytes)
    return TextContent(name, content.decode(), result.total_bytes)


def _require(holds: bool) -> None:  # noqa: FBT001 - a condition, like that of an assert
    if not holds:
        raise ValueError("The reader's result is not what it says")
