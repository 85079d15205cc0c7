from collections.abc import Iterable

from slackbot.attachments.extraction.word import read_docx
from tests import sample_files


def in_brackets(cells: Iterable[str]) -> str:
    return "".join(f"[{cell}]" for cell in cells) + "\n"


def test_what_a_reader_sees() -> None:
    """Content controls, suggested insertions and text boxes are read; deleted text is not."""
    text = "".join(read_docx(sample_files.edited_docx(), in_brackets))
    assert text.split("\n") == ["kept", "chosen", "soon\t", "", "boxed", ""]


def test_tables() -> None:
    """Each row is formatted from the texts of its cells, between the paragraphs around it."""
    content = sample_files.docx("Dear Ben,", "yours")
    assert [*read_docx(content, in_brackets)] == ["Dear Ben,\n", "[left][right]\n", "yours\n"]
