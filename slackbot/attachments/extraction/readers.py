"""Which reader takes which kind of file.

A reader returns the fields of the result, which go into JSON, and the content that the model gets:
a picture, an MP3, or text in UTF-8.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any, NamedTuple

from slackbot.attachments.extraction import documents
from slackbot.attachments.extraction.errors import UnreadableFileError
from slackbot.attachments.extraction.file_types import FileKind, detect_kind

UNREAD_ATTACHMENT = "(Its content is not available.)"
"""The model reads this in place of an email's attachment that holds no text."""


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
    fields, text = _join(pdf.numbered_pages(), limits)
    return {**fields, "pages": pdf.pages}, text


def _read_email(content: bytes) -> Iterable[str]:
    from slackbot.attachments.extraction.emails import read_email  # noqa: PLC0415 - only when there is one

    return read_email(content, _read_email_attachment)


def _read_email_attachment(content: bytes) -> Iterator[str]:
    """Its text; one that can't be read costs the email nothing."""
    try:
        kind = detect_kind(content)
        read = _read_pdf_pages if kind == "pdf" else kind and DOCUMENT_READERS.get(kind)
        yield from read(content) if read else (UNREAD_ATTACHMENT,)
    except Exception:  # noqa: BLE001 - a library may fail in any way over a hostile file
        yield UNREAD_ATTACHMENT


def _read_pdf_pages(content: bytes) -> Iterator[str]:
    from slackbot.attachments.extraction.pdf import PdfReader  # noqa: PLC0415 - only when there is one

    return PdfReader(content).numbered_pages()


def _read_document(
    read_pieces: Callable[[bytes], Iterable[str]], content: bytes, limits: ReadLimits
) -> ReadResult:
    fields, text = _join(read_pieces(content), limits)
    if not text.strip():
        raise UnreadableFileError("no_text")
    return fields, text


def _join(pieces: Iterable[str], limits: ReadLimits) -> ReadResult:
    """The first `limits.text_bytes` in whole characters, with the length of the whole as
    `total_bytes`.
    """
    kept, total_bytes = bytearray(), 0
    for piece in pieces:
        encoded = piece.encode(errors="replace")
        total_bytes += len(encoded)
        kept += encoded[: max(0, limits.text_bytes - len(kept))]
    return {"total_bytes": total_bytes}, kept.decode(errors="ignore").encode()


PieceReader = Callable[[bytes], Iterable[str]]

DOCUMENT_READERS: Mapping[FileKind, PieceReader] = {
    "docx": documents.read_docx,
    "pptx": documents.read_pptx,
    "spreadsheet": documents.read_spreadsheet,
    "text": documents.read_plain_text,
    "canvas": documents.read_canvas,
}

READERS: Mapping[FileKind, Callable[[bytes, ReadLimits], ReadResult]] = {
    "image": _read_image,
    "audio": _read_audio,
    "pdf": _read_pdf,
    **{kind: partial(_read_document, read) for kind, read in DOCUMENT_READERS.items()},
    "email": partial(_read_document, _read_email),
}
