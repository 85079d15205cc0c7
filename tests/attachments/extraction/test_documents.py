"""Documents as the workshop reads them, each by a real process."""

import pytest

from slackbot.attachments.extraction.sandbox import ExtractionSandbox
from slackbot.attachments.media_parts import PdfContent, PreparedFile, TextContent
from slackbot.conversation.attachment import Attachment
from slackbot.errors import AttachmentError
from tests import sample_files


async def prepared(content: bytes, most: int = 10_000) -> PreparedFile:
    return await ExtractionSandbox().prepare(Attachment("F1", "report.x"), content, most)


async def text(content: bytes, most: int = 10_000) -> str:
    extract = await prepared(content, most)
    assert isinstance(extract, TextContent)
    return extract.text


async def refusal(content: bytes) -> str:
    with pytest.raises(AttachmentError) as caught:
        await prepared(content)
    return caught.value.user_message


async def test_word() -> None:
    """Paragraphs and tables, in their order."""
    assert await text(sample_files.docx("Dear Ben,", "yours")) == "Dear Ben,\nleft,right\nyours\n"


async def test_what_word_wraps() -> None:
    """Content controls, suggested text and text boxes are read, and what was deleted is not."""
    assert (await text(sample_files.edited_docx())).split("\n") == [
        "kept",
        "chosen",
        "soon\t",
        "",
        "boxed",
        "",
    ]


async def test_slides() -> None:
    """What stands on each slide, tables and notes too."""
    lines = ["[slide 1]", "Our plan", "left,right", "[notes] Speak slowly"]
    assert (await text(sample_files.pptx())).splitlines() == lines


async def test_spreadsheets() -> None:
    """Each sheet as CSV."""
    lines = ["[sheet Sales]", "city,sold", '"Köln, Rhein",7.0', "[sheet Empty]"]
    assert (await text(sample_files.xlsx())).splitlines() == lines


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
async def test_plain_text(encoding: str) -> None:
    """Code, CSV and notes, in the encodings in which people have them."""
    assert await text("größer = 1\n".encode(encoding)) == "größer = 1\n"


async def test_pdf() -> None:
    """Its text page by page, and the document as it is for those who look at it."""
    content = sample_files.pdf("Hello", "", "world")
    pdf = await prepared(content)
    assert isinstance(pdf, PdfContent)
    assert (pdf.content, pdf.pages) == (content, 3)
    assert pdf.extract.text.splitlines() == ["[page 1]", "Hello", "[page 3]", "world"]


async def test_as_much_as_is_wanted() -> None:
    """Of a long document the beginning is read, and how long it is."""
    extract = await prepared(b"abcd\n" * 10_000, 100)
    assert isinstance(extract, TextContent)
    assert (extract.text, extract.size) == ("abcd\n" * 20, 50_000)
    assert not extract.is_whole


async def test_a_pdf_of_5000_pages() -> None:
    """It is read in no time, as far as is wanted."""
    content = sample_files.pdf(*(f"This is page {number}" for number in range(5_000)))
    pdf = await prepared(content)
    assert isinstance(pdf, PdfContent)
    assert pdf.pages == 5_000
    assert len(pdf.extract.text) == 10_000
    assert pdf.extract.percent < 10


async def test_passwords() -> None:
    """What is protected by a password is refused with that reason, old and new formats alike."""
    sentence = "“report.x” is protected with a password, so I can't read it."
    assert await refusal(sample_files.pdf("Hello", password="secret")) == sentence
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    assert await refusal(ole + "EncryptedPackage".encode("utf-16-le") + bytes(512)) == sentence
    begins = b"\x09\x08\x10\x00\x00\x06\x05\x00" + bytes(12)
    locked = begins + b"\x2f\x00\x36\x00" + "Workbook".encode("utf-16-le")
    assert await refusal(ole + bytes(504) + locked) == sentence
    assert await refusal(sample_files.locked_ods()) == sentence


async def test_a_zip_bomb() -> None:
    """An archive says what it unpacks to, and is not unpacked where that is too much."""
    bomb = sample_files.bomb()
    assert len(bomb) < 1_000_000
    sentence = "“report.x” unpacks to 300 MB, and I read 100 at the most."
    assert await refusal(bomb) == sentence


async def test_a_zip_bomb_that_lies() -> None:
    """One whose list says less than there is fails at its first part, or at the memory's limit."""
    bomb = bytearray(sample_files.bomb())
    size = (300 * 10**6).to_bytes(4, "little")
    assert bomb.count(size) == 2
    lie = bytes(bomb).replace(size, (10**6).to_bytes(4, "little"))
    assert "“report.x” " in await refusal(lie)


@pytest.mark.parametrize(
    "content",
    [sample_files.docx("a"), sample_files.pptx(), sample_files.xlsx(), sample_files.pdf("a")],
)
async def test_damaged(content: bytes) -> None:
    """Part of a document is a sentence."""
    part = content[: len(content) // 3]
    sentence = "“report.x” can't be read: it is damaged, or not what its name says."
    assert await refusal(part) == sentence


async def test_nothing_to_read() -> None:
    """A document of blanks is refused with that reason."""
    assert await refusal(b"   \n") == "“report.x” holds no text that I can read."


async def test_a_type_that_lies() -> None:
    """What stands in a file counts: a program is none of it, whatever it is called."""
    assert await refusal(b"MZ\x90\x00" + bytes(100)) == (
        "“report.x” is not a kind of file that I can read."
    )
    archive = sample_files.bomb().replace(b"word/document.xml", b"word/documents.xm")
    assert await refusal(archive) == "“report.x” is not a kind of file that I can read."


async def test_what_takes_too_much_memory() -> None:
    """The process ends, and the bot does not."""
    assert (
        await refusal(sample_files.sparse())
        == "“report.x” takes too much memory or time to be read."
    )


async def test_what_takes_too_long() -> None:
    """A process that has used up its time is ended."""
    lines = b"a\n" * 10**7
    with pytest.raises(AttachmentError, match="too much memory or time"):
        await ExtractionSandbox(seconds=1).prepare(Attachment("F1", "a.txt"), lines, 10)
