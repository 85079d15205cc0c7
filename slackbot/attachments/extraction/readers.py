"""Which reader takes which kind of file.

A reader returns the fields of the result, which go into JSON, and the content that the model gets:
a picture, an MP3, or text in UTF-8.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, NamedTuple

from slackbot.attachments.extraction import documents
from slackbot.attachments.extraction.errors import UnreadableFileError
from slackbot.attachments.extraction.file_types import FileKind


class ReadLimits(NamedTuple):
    """How much of a file is wanted."""

    text_bytes: int
    audio_seconds: int


ReadResult = tuple[dict[str, Any], bytes]


def _read_image(content: bytes, limits: ReadLimits) -> ReadResult:  # noqa: ARG001 - it has no text
    from slackbot.attachments.extraction.images import read_image  # noqa: PLC0415 - only when there is one

    return read_image(content)


def _read_audio(content: bytes, limits: ReadLimits) -> ReadResult:
    from slackbot.attachments.extraction.audio import read_audio  # noqa: PLC0415 - only when there is one

    return read_audio(content, limits.audio_seconds)


def _read_pdf(content: bytes, limits: ReadLimits) -> ReadResult:
    from slackbot.attachments.extraction.pdf import PdfReader  # noqa: PLC0415 - only when there is one

    pdf = PdfReader(content)
    pages = (
        f"[page {number}]\n{text}\n" if text else ""
        for number, text in enumerate(pdf.page_texts(), 1)
    )
    fields, text = _join(pages, limits)
    return {**fields, "pages": pdf.pages}, text


def _read_document(
    read_pieces: Callable[[bytes], Iterable[str]], content: bytes, limits: ReadLimits
) -> ReadResult:
    fields, text = _join(read_pieces(content), limits)
    if not text.strip():
        raise UnreadableFileError("no_text")
    return fields, text


def _join(pieces: Iterable[str], limits: ReadLimits) -> ReadResult:
    """The first `limits.text_bytes`, with the length of the whole as `total_bytes`."""
    kept, total_bytes = bytearray(), 0
    for piece in pieces:
        encoded = piece.encode(errors="replace")
        total_bytes += len(encoded)
        kept += encoded[: max(0, limits.text_bytes - len(kept))]
    return {"total_bytes": total_bytes}, bytes(kept)


READERS: Mapping[FileKind, Callable[[bytes, ReadLimits], ReadResult]] = {
    "image": _read_image,
    "audio": _read_audio,
    "pdf": _read_pdf,
    "docx": partial(_read_document, documents.read_docx),
    "pptx": partial(_read_document, documents.read_pptx),
    "spreadsheet": partial(_read_document, documents.read_spreadsheet),
    "text": partial(_read_document, documents.read_plain_text),
}
