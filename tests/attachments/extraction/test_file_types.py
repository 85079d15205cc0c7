from io import BytesIO
from zipfile import ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slackbot.attachments.extraction.errors import UnreadableFileError
from slackbot.attachments.extraction.file_types import decode_text, detect_kind
from tests import sample_files

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
OLD_WORKBOOK = b"\x09\x08\x10\x00\x00\x06\x05\x00" + bytes(12)
FILEPASS = b"\x2f\x00\x36\x00"
WORKBOOK_STREAM = "Workbook".encode("utf-16-le")


def refusal(content: bytes) -> tuple[str, dict[str, int]]:
    with pytest.raises(UnreadableFileError) as caught:
        detect_kind(content)
    return caught.value.reason, caught.value.figures


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "HEIF", "AVIF"])
def test_images(kind: str) -> None:
    """Each format of a picture is detected, also those that begin like a video."""
    assert detect_kind(sample_files.picture(kind)) == "image"


@pytest.mark.parametrize("kind", [*sample_files.AUDIO_CODECS])
def test_audio(kind: str) -> None:
    """Each container of a recording is detected, with a header or without."""
    assert detect_kind(sample_files.recording(kind)) == "audio"


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (sample_files.pdf("a"), "pdf"),
        (b"\r\n junk \r\n" + sample_files.pdf("a"), "pdf"),
        (sample_files.docx("a"), "docx"),
        (sample_files.pptx(), "pptx"),
        (sample_files.xlsx(), "spreadsheet"),
        (OLE + bytes(504) + OLD_WORKBOOK + WORKBOOK_STREAM, "spreadsheet"),
        (b"a,b\n", "text"),
        ("ein größerer Text".encode("utf-16"), "text"),
        (b"", "text"),
    ],
)
def test_documents(content: bytes, kind: str) -> None:
    """Documents are detected by their content alone."""
    assert detect_kind(content) == kind


@pytest.mark.parametrize(
    "content",
    [
        b"MZ\x90\x00" + bytes(100),
        b"\x7fELF" + bytes(100),
        OLE + bytes(512),
        sample_files.zip_bomb().replace(b"word/document.xml", b"word/documents.xm"),
    ],
)
def test_no_reader(content: bytes) -> None:
    """A program, or an archive that is no document, has no kind, whatever its name."""
    assert detect_kind(content) is None


@pytest.mark.parametrize(
    "content",
    [
        OLE + "EncryptedPackage".encode("utf-16-le") + bytes(512),
        OLE + bytes(504) + OLD_WORKBOOK + FILEPASS + WORKBOOK_STREAM,
        sample_files.encrypted_ods(),
    ],
)
def test_passwords(content: bytes) -> None:
    """Office files with a password are refused for that reason, in old and new formats."""
    assert refusal(content) == ("encrypted", {})


def test_zip_bomb() -> None:
    """An archive that would unpack to too much is refused without unpacking it."""
    bomb = sample_files.zip_bomb()
    assert len(bomb) < 1_000_000
    assert refusal(bomb) == ("too_large_unpacked", {"megabytes": 300, "limit": 100})


def test_damaged_archive() -> None:
    """An archive that is cut off is damaged."""
    content = sample_files.docx("a")
    assert refusal(content[: len(content) // 3]) == ("damaged", {})


def test_manifest_is_read_in_part() -> None:
    """A manifest that unpacks to more than its limit is not searched to its end."""
    output = BytesIO()
    with ZipFile(output, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", " " * 10**6 + "manifest:encryption-data")
    assert detect_kind(output.getvalue()) == "spreadsheet"


@given(st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=1))
def test_text_in_utf8(text: str) -> None:
    """Any text in UTF-8 is decoded as it was, without a byte order mark."""
    assert decode_text(text.encode("utf-8-sig")) == text


@pytest.mark.parametrize(
    "content", [b"a\x00b", b"\xff\xfea", "a\x07".encode("utf-16"), b"\x81\x8d"]
)
def test_no_text(content: bytes) -> None:
    """Control characters, half a character and undefined bytes are no text."""
    assert decode_text(content) is None
