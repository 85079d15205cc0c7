"""The text of documents, piece by piece, so that no more is read than will be sent.

Each function takes a file's content and gives its text in pieces, in order.
A file that is not what it should be may raise anything.
"""

import csv
from collections.abc import Iterator
from io import BytesIO, StringIO
from typing import Any

from slackbot.attachments.extraction.file_types import text_of


def plain(content: bytes) -> Iterator[str]:
    yield from (text_of(content) or "").splitlines(keepends=True)


def docx(content: bytes) -> Iterator[str]:
    """Paragraphs, and tables a row to a line."""
    from slackbot.attachments.extraction import word  # noqa: PLC0415 - only when there is one to read

    yield from word.docx(content, _row)


def pptx(content: bytes) -> Iterator[str]:
    """Slide by slide: what stands on it, then its notes."""
    from pptx import Presentation  # noqa: PLC0415 - only when there is one to read

    for number, slide in enumerate(Presentation(BytesIO(content)).slides, 1):
        yield f"[slide {number}]\n"
        yield from _shapes(slide.shapes)
        if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
            yield f"[notes] {slide.notes_slide.notes_text_frame.text}\n"


def spreadsheet(content: bytes) -> Iterator[str]:
    """Sheet by sheet, as CSV: the values that were seen last, not the formulas."""
    from python_calamine import CalamineWorkbook  # noqa: PLC0415 - only when there is one to read

    workbook = CalamineWorkbook.from_filelike(BytesIO(content))
    for name in workbook.sheet_names:
        yield f"[sheet {name}]\n"
        yield from map(_row, workbook.get_sheet_by_name(name).iter_rows())


def _shapes(shapes: Any) -> Iterator[str]:
    for shape in shapes:
        if shape.has_text_frame:
            yield f"{shape.text_frame.text}\n"
        elif getattr(shape, "has_table", False):
            yield from (_row(cell.text for cell in row.cells) for row in shape.table.rows)
        elif hasattr(shape, "shapes"):
            yield from _shapes(shape.shapes)


def _row(cells: Any) -> str:
    line = StringIO()
    csv.writer(line, lineterminator="\n").writerow(cells)
    return line.getvalue()
