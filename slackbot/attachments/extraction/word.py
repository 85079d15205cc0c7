"""The text of Word documents as a reader sees it.

python-docx's own `text` leaves out what Word wraps: content controls, text that somebody suggests
to insert, text boxes. So the elements are walked here:
https://learn.microsoft.com/office/open-xml/word/structure-of-a-wordprocessingml-document
"""

from collections.abc import Callable, Iterable, Iterator
from io import BytesIO
from typing import Any

from docx import Document
from docx.oxml.ns import qn

PARAGRAPH, TABLE, ROW, CELL, TEXT = map(qn, ("w:p", "w:tbl", "w:tr", "w:tc", "w:t"))

WRAPPERS = {*map(qn, ("w:sdt", "w:sdtContent", "w:customXml", "w:ins", "w:moveTo"))}
"""What may stand around anything; a reader sees what is in it."""

UNSEEN = {
    *map(qn, ("w:pPr", "w:rPr", "w:del", "w:moveFrom")),
    "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback",
}
"""What is said of the text, what is no longer there, and what stands there a second time."""

SIGNS = {qn("w:tab"): "\t", qn("w:br"): "\n", qn("w:cr"): "\n", qn("w:noBreakHyphen"): "-"}


def docx(content: bytes, row: Callable[[Iterable[str]], str]) -> Iterator[str]:
    """Its paragraphs, and tables a row to a line, which `row` makes of the cells' texts."""
    yield from _blocks(Document(BytesIO(content)).element.body, row)


def _blocks(parent: Any, row: Callable[[Iterable[str]], str]) -> Iterator[str]:
    for block in _inside(parent, PARAGRAPH, TABLE):
        if block.tag == PARAGRAPH:
            yield f"{''.join(_words(block))}\n"
            continue
        for each in _inside(block, ROW):
            yield row("".join(_blocks(cell, row)).rstrip("\n") for cell in _inside(each, CELL))


def _inside(parent: Any, *tags: str) -> Iterator[Any]:
    """The children with these tags, whatever is wrapped around them."""
    for child in parent:
        if child.tag in tags:
            yield child
        elif child.tag in WRAPPERS:
            yield from _inside(child, *tags)


def _words(parent: Any) -> Iterator[str]:
    for child in parent:
        if child.tag == TEXT:
            yield child.text or ""
        elif child.tag in SIGNS:
            yield SIGNS[child.tag]
        elif child.tag == PARAGRAPH:  # of a text box
            yield f"\n{''.join(_words(child))}"
        elif child.tag not in UNSEEN:
            yield from _words(child)
