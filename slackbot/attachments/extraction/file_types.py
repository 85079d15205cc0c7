"""What a file is, by what stands in it: its name and its type may say anything."""

import re
from collections.abc import Iterable
from io import BytesIO
from typing import Literal
from zipfile import BadZipFile, ZipFile

from slackbot.attachments.extraction.errors import UnreadableFileError

Kind = Literal["picture", "clip", "pdf", "docx", "pptx", "spreadsheet", "text"]

PICTURES = (
    (0, b"\x89PNG\r\n\x1a\n"),
    (0, b"\xff\xd8\xff"),
    (0, b"GIF87a"),
    (0, b"GIF89a"),
    (8, b"WEBP"),
)
"""Where in a file which bytes stand."""

HEIF_BRANDS = frozenset(
    {b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1", b"avif", b"avis"}
)
"""https://github.com/strukturag/libheif/issues/83; the last two are AVIF."""

CLIPS = (
    (4, b"ftyp"),
    (0, b"\x1a\x45\xdf\xa3"),
    (8, b"WAVE"),
    (0, b"OggS"),
    (0, b"ID3"),
    (0, b"fLaC"),
)
"""M4A and MP4; WebM; WAV; Ogg; MP3; FLAC. What begins like HEIC is a picture."""

ZIP = b"PK\x03\x04"
OFFICE: dict[str, Kind] = {
    "word/document.xml": "docx",
    "ppt/presentation.xml": "pptx",
    "xl/workbook.xml": "spreadsheet",
    "xl/workbook.bin": "spreadsheet",
}
"""What stands in which kind of archive."""

OPEN_SPREADSHEET = b"application/vnd.oasis.opendocument.spreadsheet"

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""Office files of before 2007, and those with a password: https://aka.ms/ms-offcrypto"""

LOCKED_OLE = re.compile(
    "EncryptedPackage".encode("utf-16-le")
    + rb"|\x09\x08\x10\x00\x00\x06\x05\x00.{12}(\x86\x00\x00\x00)?\x2f\x00",
    re.DOTALL,
)
"""That of today, or the record FILEPASS at the beginning of an old workbook: [MS-XLS] 2.4.117"""

MANIFEST, ENCRYPTED = "META-INF/manifest.xml", b"manifest:encryption-data"
"""https://docs.oasis-open.org/office/OpenDocument/v1.3/OpenDocument-v1.3-part2-packages.html"""

LONGEST_MANIFEST = 10**6

PDF_STARTS = 1024
"""Within so many bytes: https://github.com/adobe/pdf-issues - readers are lenient about it."""

MOST_UNPACKED = 100
"""Megabytes, all parts of an archive together."""

_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


def kind_of(content: bytes) -> Kind | None:
    """None for what nobody here can read. Raises UnreadableError for what must not be unpacked."""
    if _has_one_of(PICTURES, content) or _is_heif(content):
        return "picture"
    if _has_one_of(CLIPS, content) or _is_mpeg(content):
        return "clip"
    if b"%PDF-" in content[:PDF_STARTS]:
        return "pdf"
    if content.startswith(ZIP):
        return _kind_of_archive(content)
    if content.startswith(OLE):
        if LOCKED_OLE.search(content):
            raise UnreadableFileError("encrypted")
        return "spreadsheet" if "Workbook".encode("utf-16-le") in content else None
    return "text" if text_of(content) is not None else None


def text_of(content: bytes) -> str | None:
    """A file of text: in UTF-8, in UTF-16 with its mark, or else as Windows writes in the west.

    None where it holds what no text does.
    """
    encodings = ["utf-16"] if content[:2] in (b"\xff\xfe", b"\xfe\xff") else ["utf-8-sig", "cp1252"]
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return None if _CONTROL.search(text) else text
    return None


def _has_one_of(signs: Iterable[tuple[int, bytes]], content: bytes) -> bool:
    return any(content[at : at + len(sign)] == sign for at, sign in signs)


def _is_mpeg(content: bytes) -> bool:
    """An MP3 or AAC without a head; UTF-16 begins with FF FE."""
    return content[:1] == b"\xff" and content[1:2] >= b"\xe0" and content[1:2] not in b"\xfe\xff"


def _is_heif(content: bytes) -> bool:
    return content[4:8] == b"ftyp" and content[8:12] in HEIF_BRANDS


def _kind_of_archive(content: bytes) -> Kind | None:
    """By its list of parts, which is read without unpacking any but the beginning of a manifest."""
    try:
        with ZipFile(BytesIO(content)) as archive:
            parts = archive.infolist()
            locked = _is_locked(archive)
    except (BadZipFile, NotImplementedError, ValueError) as err:
        raise UnreadableFileError("damaged") from err
    megabytes = sum(part.file_size for part in parts) // 10**6
    names = {part.filename for part in parts}
    kind = next((kind for name, kind in OFFICE.items() if name in names), None)
    if kind is None and OPEN_SPREADSHEET in content[:PDF_STARTS]:
        kind = "spreadsheet"
    if kind is not None and megabytes > MOST_UNPACKED:
        raise UnreadableFileError("unpacks", megabytes=megabytes, most=MOST_UNPACKED)
    if kind is not None and locked:
        raise UnreadableFileError("encrypted")
    return kind


def _is_locked(archive: ZipFile) -> bool:
    """Of an open document, its manifest says which of its parts are encrypted."""
    if MANIFEST not in archive.namelist():
        return False
    with archive.open(MANIFEST) as manifest:
        return ENCRYPTED in manifest.read(LONGEST_MANIFEST)
