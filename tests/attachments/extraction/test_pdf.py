import pytest

from slackbot.attachments.extraction.errors import UnreadableFileError
from slackbot.attachments.extraction.pdf import PdfReader
from tests import sample_files


def test_pages() -> None:
    """A document gives the text of each page; a page without text gives an empty one."""
    pdf = PdfReader(sample_files.pdf("Hello", "", "world"))
    assert pdf.pages == 3
    assert [*pdf.page_texts()] == ["Hello", "", "world"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (sample_files.pdf("Hello", password="secret"), "encrypted"),
        (sample_files.pdf("Hello")[:300], "damaged"),
        (b"%PDF-1.4\n" + bytes(1_000), "damaged"),
    ],
)
def test_refused(content: bytes, reason: str) -> None:
    """A document with a password, or a damaged one, is refused for that reason."""
    with pytest.raises(UnreadableFileError, match=reason):
        PdfReader(content)
