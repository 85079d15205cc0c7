import asyncio
import sys

import pytest

from slackbot.attachments.extraction.isolation.limits import CPU_SECONDS
from slackbot.attachments.extraction.sandbox import ExtractionSandbox
from slackbot.attachments.media_parts import PdfContent, TextContent
from slackbot.conversation.attachment import Attachment
from slackbot.errors import AttachmentError
from tests import sample_files

LIBRARIES = ("PIL", "av", "docx", "lxml", "pillow_heif", "pptx", "pypdfium2", "python_calamine")


async def refusal(content: bytes, name: str = "report.x", cpu_seconds: int = CPU_SECONDS) -> str:
    with pytest.raises(AttachmentError) as caught:
        await ExtractionSandbox(cpu_seconds=cpu_seconds).extract(
            Attachment("F1", name), content, 10_000
        )
    return caught.value.user_message


async def test_text() -> None:
    """A long text comes back as its beginning, with its name and the length of the whole."""
    attachment = Attachment("F1", "notes.txt")
    text = await ExtractionSandbox().extract(attachment, b"abcd\n" * 10_000, 100)
    assert text == TextContent("notes.txt", "abcd\n" * 20, 50_000)


async def test_pdf() -> None:
    """A PDF comes back as it was, with its text and the number of its pages."""
    content = sample_files.pdf("Hello", "world")
    pdf = await ExtractionSandbox().extract(Attachment("F1", "a.pdf"), content, 100)
    assert isinstance(pdf, PdfContent)
    assert (pdf.content, pdf.pages) == (content, 2)
    assert pdf.extract.text == "[page 1]\nHello\n[page 2]\nworld\n"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (
            sample_files.pdf("a", password="x"),
            "“report.x” is protected with a password. Please send it without one.",
        ),
        (sample_files.zip_bomb(), "“report.x” unpacks to 300 MB, and I read at most 100 MB."),
        (b"   \n", "“report.x” contains no text that I can read."),
        (b"MZ\x90\x00" + bytes(100), "“report.x” is not a kind of file that I can read."),
        (
            sample_files.sparse_xlsx(),
            "“report.x” takes too much memory or time to read. Please send a part of it.",
        ),
    ],
)
async def test_reasons(content: bytes, sentence: str) -> None:
    """A file that can't be read is a sentence that says why."""
    assert await refusal(content) == sentence


@pytest.mark.parametrize(
    "content",
    [sample_files.docx("a"), sample_files.pptx(), sample_files.xlsx(), sample_files.pdf("a")],
)
async def test_damaged(content: bytes) -> None:
    """Part of a document is damaged."""
    sentence = "“report.x” can't be read: it is damaged, or not what its name says."
    assert await refusal(content[: len(content) // 3]) == sentence


async def test_zip_bomb_that_lies() -> None:
    """An archive that unpacks to more than it says does not hurt the bot."""
    bomb = bytearray(sample_files.zip_bomb())
    size = (300 * 10**6).to_bytes(4, "little")
    assert bomb.count(size) == 2
    lie = bytes(bomb).replace(size, (10**6).to_bytes(4, "little"))
    assert await refusal(lie) in (
        "“report.x” can't be read: it is damaged, or not what its name says.",
        "“report.x” takes too much memory or time to read. Please send a part of it.",
    )


async def test_time() -> None:
    """A process that has used up its time is ended, and the bot goes on."""
    sentence = "“memo.mp3” takes too much memory or time to read. Please send a part of it."
    assert await refusal(sample_files.hour_long_mp3(), "memo.mp3", cpu_seconds=1) == sentence


async def test_no_name() -> None:
    """A file without a name is called a file."""
    assert await refusal(b"MZ\x90\x00", "") == ("“A file” is not a kind of file that I can read.")


async def test_libraries_are_not_loaded_by_the_bot() -> None:
    """The bot starts, and answers text, without the libraries that read files."""
    code = f"import slackbot.app, sys; print(*sorted(set({LIBRARIES}) & set(sys.modules)))"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, stdout=asyncio.subprocess.PIPE
    )
    output, _ = await process.communicate()
    assert process.returncode == 0
    assert output.decode().split() == []
