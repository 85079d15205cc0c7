from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slackbot.attachments.extraction.errors import UnreadableFileError
from slackbot.attachments.extraction.file_types import FileKind
from slackbot.attachments.extraction.readers import READERS, ReadLimits
from tests import sample_files

LIMITS = ReadLimits(text_bytes=10_000, audio_seconds=60)


def test_each_kind_has_a_reader() -> None:
    """Every kind of file that is detected can be read."""
    assert set(READERS) == set(get_args(FileKind))


@given(st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=1), st.integers(1, 40))
def test_text_limit(text: str, limit: int) -> None:
    """Only as many whole characters are returned as are wanted, with the length of the whole."""
    content = f"x{text}".encode()
    fields, kept = READERS["text"](content, ReadLimits(limit, 0))
    assert kept.decode() == content[:limit].decode(errors="ignore")
    assert fields == {"total_bytes": len(content)}


def test_pdf() -> None:
    """The text of a PDF names the page of each part, and skips pages without text."""
    fields, text = READERS["pdf"](sample_files.pdf("Hello", "", "world"), LIMITS)
    assert text.decode().splitlines() == ["[page 1]", "Hello", "[page 3]", "world"]
    assert fields == {"pages": 3, "total_bytes": len(text)}


def test_pdf_of_5000_pages() -> None:
    """The beginning of a long PDF is returned, with the number of its pages."""
    content = sample_files.pdf(*(f"This is page {number}" for number in range(5_000)))
    fields, text = READERS["pdf"](content, LIMITS)
    assert fields["pages"] == 5_000
    assert len(text) == 10_000
    assert fields["total_bytes"] > 100_000


def test_scan() -> None:
    """A PDF without text is not refused, because a model can look at it."""
    fields, text = READERS["pdf"](sample_files.pdf(""), LIMITS)
    assert (fields["pages"], text) == (1, b"")


@pytest.mark.parametrize("content", [b"", b"   \n"])
def test_blank_document(content: bytes) -> None:
    """A document without words is refused for that reason."""
    with pytest.raises(UnreadableFileError, match="no_text"):
        READERS["text"](content, LIMITS)


def test_image() -> None:
    """A picture comes with its type and size."""
    fields, _ = READERS["image"](sample_files.picture(), LIMITS)
    assert fields == {"mimetype": "image/png", "width": 64, "height": 32}


def test_audio_limit() -> None:
    """No more of a recording is returned than is wanted, with the length of the whole."""
    fields, sound = READERS["audio"](sample_files.recording(seconds=5), ReadLimits(0, 2))
    assert fields["seconds"] == pytest.approx(2, abs=0.2)
    assert fields["total_seconds"] == pytest.approx(5, abs=0.2)
    assert sample_files.duration_seconds(sound) == pytest.approx(2, abs=0.2)
