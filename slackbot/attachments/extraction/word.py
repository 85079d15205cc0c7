"""The text of Word documents as a reader sees it.

python-docx's own `text` leaves out what Word wraps: content controls, suggested insertions, text
boxes. So the elements are walked here:
https://learn.microsoft.com/office/open-xml/word/structure-of-a-wordprocessingml-document
"""

from collections.abc import Callable, Iterable, Iterator
from io import BytesIO
from typing import Any

from docx import Document
from docx.oxml.ns import qn

_PARAGRAPH, _TABLE, _ROW, _CELL, _TEXT = map(qn, ("w:p", "w:tbl", "w:tr", "w:tc", "w:t"))

_WRAPPERS = {*map(qn, ("w:sdt", "w:sdtContent", "w:customXml", "w:ins", "w:moveTo"))}
"""Elements around others; a reader sees what is inside them."""

_HIDDEN = {
    *map(qn, ("w:pPr", "w:rPr", "w:del", "w:moveFrom")),
    "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback",
}
"""Properties of the text, deleted text, and a second version of the same content."""

_CHARACTERS = {qn("w:tab"): "\t", qn("w:br"): "\n", qn("w:cr"): "\n", qn("w:noBreakHyphen"): "-"}

FormatRow = Callable[[Iterable[str]], str]


def read_docx(content: bytes, format_row: FormatRow) -> Iterator[str]:
    """Its paragraphs and tables; `format_row` makes a line of a row's cells."""
    yield from _blocks(Document(BytesIO(content)).element.body, format_row)


def _blocks(parent: Any, format_row: FormatRow) -> Iterator[str]:
    for block in _descendants(parent, _PARAGRAPH, _TABLE):
        if block.tag == _PARAGRAPH:
            yield f"{''.join(_texts(block))}\n"
            continue
        for row in _descendants(block, _ROW):
            yield format_row(
                "".join(_blocks(cell, format_row)).rstrip("\n") for cell in _descendants(row, _CELL)
            )


def _descendants(parent: Any, *tags: str) -> Iterator[Any]:
    """The children with these tags, inside any wrappers."""
    for child in parent:
        if child.tag in tags:
            yield child
        elif child.tag in _WRAPPERS:
            yield from _descendants(child, *tags)


def _texts(parent: Any) -> Iterator[str]:
    for child in parent:
        if child.tag == _TEXT:
            yield child.text or ""
        elif child.tag in _CHARACTERS:
            yield _CHARACTERS[child.tag]
        elif child.tag == _PARAGRAPH:  # of a text box
            yield f"\n{''.join(_texts(child))}"
        elif child.tag not in _HIDDEN:
            yield from _texts(child)
