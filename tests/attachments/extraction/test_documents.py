import pytest

from slackbot.attachments.extraction.documents import (
    csv_line,
    read_docx,
    read_plain_text,
    read_pptx,
    read_spreadsheet,
)
from tests import sample_files


def test_word() -> None:
    """A Word document gives its paragraphs and tables, in their order."""
    assert [*read_docx(sample_files.docx("Dear Ben,", "yours"))] == [
        "Dear Ben,\n",
        "left,right\n",
        "yours\n",
    ]


def test_slides() -> None:
    """A presentation gives what is on each slide, with tables and notes."""
    lines = ["[slide 1]", "Our plan", "left,right", "[notes] Speak slowly"]
    assert "".join(read_pptx(sample_files.pptx())).splitlines() == lines


def test_spreadsheets() -> None:
    """A spreadsheet gives each of its sheets as CSV."""
    lines = ["[sheet Sales]", "city,sold", '"Köln, Rhein",7.0', "[sheet Empty]"]
    assert "".join(read_spreadsheet(sample_files.xlsx())).splitlines() == lines


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_plain_text(encoding: str) -> None:
    """Code, CSV and notes are read in the encodings that people use."""
    assert [*read_plain_text("größer = 1\nx\n".encode(encoding))] == ["größer = 1\n", "x\n"]


def test_csv_line() -> None:
    """Cells with commas, quotes or line breaks are quoted, and an empty cell stays empty."""
    assert csv_line(["a", "b, c", 'say "d"', "e\nf", None, 7]) == (
        'a,"b, c","say ""d""","e\nf",,7\n'
    )
