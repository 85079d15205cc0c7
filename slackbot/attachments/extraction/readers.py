"""Who reads which kind of file.

Each takes a file's content and how much is wanted of it at the most: bytes of text, and seconds of
sound. It gives what is told of the file, as JSON, and what the model is sent of it: a picture, an
MP3, or text in UTF-8.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, NamedTuple

from slackbot.attachments.extraction import documents
from slackbot.attachments.extraction.errors import UnreadableFileError
from slackbot.attachments.extraction.file_types import Kind


class Most(NamedTuple):
    text: int
    seconds: int


Read = tuple[dict[str, Any], bytes]


def _picture(content: bytes, most: Most) -> Read:  # noqa: ARG001 - it has no text
    from slackbot.attachments.extraction.images import read_picture  # noqa: PLC0415 - only when there is one

    return read_picture(content)


def _clip(content: bytes, most: Most) -> Read:
    from slackbot.attachments.extraction.audio import read_clip  # noqa: PLC0415 - only when there is one

    return read_clip(content, most.seconds)


def _pdf(content: bytes, most: Most) -> Read:
    from slackbot.attachments.extraction.pdf import PdfReader  # noqa: PLC0415 - only when there is one

    pdf = PdfReader(content)
    marked = (f"[page {n}]\n{text}\n" if text else "" for n, text in enumerate(pdf.texts(), 1))
    told, text = _text(marked, most)
    return {**told, "pages": pdf.pages}, text


def _document(pieces: Callable[[bytes], Iterable[str]], content: bytes, most: Most) -> Read:
    told, text = _text(pieces(content), most)
    if not text.strip():
        raise UnreadableFileError("no_text")
    return told, text


def _text(pieces: Iterable[str], most: Most) -> Read:
    """As many bytes as are wanted, and how many there are."""
    kept, size = bytearray(), 0
    for piece in pieces:
        encoded = piece.encode(errors="replace")
        size += len(encoded)
        kept += encoded[: max(0, most.text - len(kept))]
    return {"size": size}, bytes(kept)


READERS: Mapping[Kind, Callable[[bytes, Most], Read]] = {
    "picture": _picture,
    "clip": _clip,
    "pdf": _pdf,
    "docx": partial(_document, documents.docx),
    "pptx": partial(_document, documents.pptx),
    "spreadsheet": partial(_document, documents.spreadsheet),
    "text": partial(_document, documents.plain),
}
