"""Detects what a file is by its content, because its name and MIME type may say anything."""

import re
from collections.abc import Iterable
from io import BytesIO
from typing import Literal
from zipfile import BadZipFile, ZipFile

from slackbot.attachments.extraction.audio_formats import audio_format
from slackbot.attachments.extraction.errors import UnreadableFileError
from slackbot.attachments.mimetypes import CANVAS_TYPE, EMAIL_TYPE

FileKind = Literal[
    "image", "audio", "pdf", "docx", "pptx", "spreadsheet", "text", "canvas", "email"
]


MAX_UNPACKED_MEGABYTES = 100
"""All parts of an archive together."""

MAX_MANIFEST_BYTES = 10**6

PDF_HEADER_BYTES = 1024
"""A PDF's signature is within its first bytes. Readers are lenient about the exact place:
https://github.com/adobe/pdf-issues
"""

_IMAGES = (
    (0, b"\x89PNG\r\n\x1a\n"),
    (0, b"\xff\xd8\xff"),
    (0, b"GIF87a"),
    (0, b"GIF89a"),
    (8, b"WEBP"),
)
"""Signatures, each with its offset in the file. HEIC begins like MP4, and is looked for first."""

_HEIF_BRANDS = frozenset(
    {b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1", b"avif", b"avis"}
)
"""https://github.com/strukturag/libheif/issues/83; the last two are AVIF."""

_ZIP = b"PK\x03\x04"

_OFFICE_PARTS: dict[str, FileKind] = {
    "word/document.xml": "docx",
    "ppt/presentation.xml": "pptx",
    "xl/workbook.xml": "spreadsheet",
    "xl/workbook.bin": "spreadsheet",
}
"""The part of an archive that tells its kind."""

_OPEN_SPREADSHEET = b"application/vnd.oasis.opendocument.spreadsheet"

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""Office files from before 2007, and newer ones with a password: https://aka.ms/ms-offcrypto"""

_ENCRYPTED_OLE = re.compile(
    "EncryptedPackage".encode("utf-16-le")
    + rb"|\x09\x08\x10\x00\x00\x06\x05\x00.{12}(\x86\x00\x00\x00)?\x2f\x00",
    re.DOTALL,
)
"""A newer file with a password, or FILEPASS at the start of an old workbook: [MS-XLS] 2.4.117"""

_MANIFEST, _ENCRYPTED_PART = "META-INF/manifest.xml", b"manifest:encryption-data"
"""https://docs.oasis-open.org/office/OpenDocument/v1.3/OpenDocument-v1.3-part2-packages.html"""

_CONTROL_CHARACTERS = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


def detect_kind(content: bytes, mimetype: str = "") -> FileKind | None:
    """None for a kind that has no reader. The MIME type only tells one text from another.

    Raises UnreadableFileError for an archive that is encrypted, damaged or too large to unpack.
    """
    if _has_signature(content, _IMAGES) or _is_heif(content):
        return "image"
    if audio_format(content) is not None:
        return "audio"
    if b"%PDF-" in content[:PDF_HEADER_BYTES]:
        return "pdf"
    if content.startswith(_ZIP):
        return _detect_archive(content)
    if content.startswith(_OLE):
        if _ENCRYPTED_OLE.search(content):
            raise UnreadableFileError("encrypted")
        return "spreadsheet" if "Workbook".encode("utf-16-le") in content else None
    return _detect_text(content, mimetype)


def decode_text(content: bytes) -> str | None:
    """Text in UTF-8, in UTF-16 with a byte order mark, or in Windows-1252.

    None if it contains control characters that text has not.
    """
    encodings = ["utf-16"] if content[:2] in (b"\xff\xfe", b"\xfe\xff") else ["utf-8-sig", "cp1252"]
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return None if _CONTROL_CHARACTERS.search(text) else text
    return None


def _detect_text(content: bytes, mimetype: str) -> FileKind | None:
    if mimetype == EMAIL_TYPE:  # its parts are in encodings of their own
        return "email"
    if decode_text(content) is None:
        return None
    # HTML that somebody uploads stays as it is: they may ask about its code.
    return "canvas" if mimetype == CANVAS_TYPE else "text"


def _has_signature(content: bytes, signatures: Iterable[tuple[int, bytes]]) -> bool:
    return any(content[at : at + len(sign)] == sign for at, sign in signatures)


def _is_heif(content: bytes) -> bool:
    return content[4:8] == b"ftyp" and content[8:12] in _HEIF_BRANDS


def _detect_archive(content: bytes) -> FileKind | None:
    """Reads the list of parts, and unpacks none of them but the beginning of a manifest."""
    try:
        with ZipFile(BytesIO(content)) as archive:
            parts = archive.infolist()
            encrypted = _is_encrypted(archive)
    except (BadZipFile, NotImplementedError, ValueError) as err:
        raise UnreadableFileError("damaged") from err
    megabytes = sum(part.file_size for part in parts) // 10**6
    names = {part.filename for part in parts}
    kind = next((kind for name, kind in _OFFICE_PARTS.items() if name in names), None)
    if kind is None and _OPEN_SPREADSHEET in content[:PDF_HEADER_BYTES]:
        kind = "spreadsheet"
    if kind is not None and megabytes > MAX_UNPACKED_MEGABYTES:
        raise UnreadableFileError(
            "too_large_unpacked", megabytes=megabytes, limit=MAX_UNPACKED_MEGABYTES
        )
    if kind is not None and encrypted:
        raise UnreadableFileError("encrypted")
    return kind


def _is_encrypted(archive: ZipFile) -> bool:
    """Whether the manifest of an open document names encrypted parts."""
    if _MANIFEST not in archive.namelist():
        return False
    with archive.open(_MANIFEST) as manifest:
        return _ENCRYPTED_PART in manifest.read(MAX_MANIFEST_BYTES)
