"""The text of documents, piece by piece, so that no more is read than is sent.

Each function takes a file's content and yields its text in order. It may raise any error if the
file is damaged.
"""

import csv
from collections.abc import Iterable, Iterator
from io import BytesIO, StringIO
from typing import Any

from slackbot.attachments.extraction.file_types import decode_text


def read_plain_text(content: bytes) -> Iterator[str]:
    """Line by line."""
    yield from (decode_text(content) or "").splitlines(keepends=True)


def read_canvas(content: bytes) -> Iterator[str]:
    """A canvas of Slack's, as Markdown."""
    from slackbot.attachments.extraction.html_text import read_html  # noqa: PLC0415 - only when there is one to read

    yield from read_html(decode_text(content) or "")


def read_docx(content: bytes) -> Iterator[str]:
    """Paragraphs, and each row of a table as a line of CSV."""
    from slackbot.attachments.extraction import word  # noqa: PLC0415 - only when there is one to read

    yield from word.read_docx(content, csv_line)


def read_pptx(content: bytes) -> Iterator[str]:
    """Slide by slide: its texts and tables, then its notes."""
    from pptx import Presentation  # noqa: PLC0415 - only when there is one to read

    for number, slide in enumerate(Presentation(BytesIO(content)).slides, 1):
        yield f"[slide {number}]\n"
        yield from _shapes(slide.shapes)
        if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
            yield f"[notes] {slide.notes_slide.notes_text_frame.text}\n"


def read_spreadsheet(content: bytes) -> Iterator[str]:
    """Sheet by sheet, as CSV: the values that were last calculated, not the formulas."""
    from python_calamine import CalamineWorkbook  # noqa: PLC0415 - only when there is one to read

    workbook = CalamineWorkbook.from_filelike(BytesIO(content))
    for name in workbook.sheet_names:
        yield f"[sheet {name}]\n"
        yield from map(csv_line, workbook.get_sheet_by_name(name).iter_rows())


def csv_line(cells: Iterable[Any]) -> str:
    line = StringIO()
    csv.writer(line, lineterminator="\n").writerow(cells)
    return line.getvalue()


def _shapes(shapes: Any) -> Iterator[str]:
    for shape in shapes:
        if shape.has_text_frame:
            yield f"{shape.text_frame.text}\n"
        elif getattr(shape, "has_table", False):
            yield from (csv_line(cell.text for cell in row.cells) for row in shape.table.rows)
        elif hasattr(shape, "shapes"):
            yield from _shapes(shape.shapes)
