"""Attacks by files that people upload."""

import asyncio
import sys
from collections.abc import Callable
from io import BytesIO
from zipfile import ZipFile

import pytest

from slackbot.attachments.extraction.sandbox import ExtractionSandbox
from slackbot.attachments.media_parts import TextContent
from slackbot.conversation.attachment import Attachment
from slackbot.errors import AttachmentError
from tests import sample_files

SESSION = b"o=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio 5004 RTP/AVP 0\n"
"""Asks its reader to listen for sound on a network port: https://www.rfc-editor.org/rfc/rfc8866"""

DAMAGED = "“clip.ogg” can't be read: it is damaged, or not what its name says."


@pytest.mark.parametrize(
    "start", [b"OggS\n", b"ID3\n", b"fLaC\n", b"....ftyp\n", b"........WAVE\n"]
)
async def test_text_that_begins_like_a_clip(start: bytes) -> None:
    """A text that names network addresses is read as text, however it begins."""
    content = start + SESSION
    text = await ExtractionSandbox().extract(Attachment("F1", "clip.ogg"), content, 1_000)
    assert isinstance(text, TextContent)
    assert text.text.encode() == content


@pytest.mark.parametrize(
    "start", [b"\xff\xfb\n", b"OggS\0\n", b"\0\0\0\x08ftyp\n", b"RIFF\0\0\0\0WAVE\n", b"fLaC\0\n"]
)
async def test_clip_that_goes_on_like_a_playlist(start: bytes) -> None:
    """A clip is read as what its first bytes are: what follows opens no other reader of media."""
    with pytest.raises(AttachmentError) as caught:
        await ExtractionSandbox().extract(Attachment("F1", "clip.ogg"), start + SESSION, 1_000)
    assert caught.value.user_message == DAMAGED


@pytest.mark.parametrize(
    "code",
    [
        "while True: write(b'x' * 10**6)",
        "while True: sys.stderr.buffer.write(b'x' * 10**6)",
        "write(b'nonsense')",
        "write(b'[' * 10**6)",
        'write(b\'{"unreadable": "none"}\')',
        'write(b\'{"unreadable": "damaged", "name": "your password"}\')',
        'write(b\'{"kind": "text", "total_bytes": -1}\\n\')',
        'write(b\'{"kind": "text", "total_bytes": 3}\\n\\xff\\xfe\\xfd\')',
        'write(b\'{"kind": "image", "mimetype": "text/html", "width": 9, "height": 9}\\n\')',
        "os.kill(os.getpid(), 9)",
        "os.close(1); time.sleep(1_000)",
        "os.fork() or time.sleep(2)",
    ],
)
async def test_reader_that_was_taken_over(code: str) -> None:
    """Whatever a reader writes or does, the file is too complex, and the bot takes no harm."""
    program = f"import os, sys, time; write = sys.stdout.buffer.write\n{code}"
    sandbox = ExtractionSandbox(cpu_seconds=2, command=(sys.executable, "-I", "-c", program))
    with pytest.raises(AttachmentError) as caught:
        await sandbox.extract(Attachment("F1", "a.png"), b"x", 1_000)
    assert (
        caught.value.user_message
        == "“a.png” takes too much memory or time to read. Please send a part of it."
    )


DOCUMENT = "word/document.xml"

ENTITY = b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'


async def read_docx(change: Callable[[bytes], bytes], part: str = DOCUMENT) -> str:
    """What is read of a Word document one part of which is changed."""
    output = BytesIO()
    with (
        ZipFile(BytesIO(sample_files.docx("Dear Ben"))) as original,
        ZipFile(output, "w") as archive,
    ):
        for name in original.namelist():
            content = original.read(name)
            archive.writestr(name, change(content) if name == part else content)
    attachment = Attachment("F1", "a.docx")
    text = await ExtractionSandbox().extract(attachment, output.getvalue(), 10_000)
    assert isinstance(text, TextContent)
    return text.text


async def test_document_that_names_a_file() -> None:
    """An entity that stands for a file of the machine is not resolved."""

    def name_a_file(xml: bytes) -> bytes:
        head, end, body = xml.partition(b"?>")
        return head + end + ENTITY + body.replace(b"Dear Ben", b"Dear &e;")

    assert "root:" not in await read_docx(name_a_file)


async def test_document_that_names_an_address() -> None:
    """A template or a picture at an address is not fetched."""
    asked: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readline())
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/t.dotx"
    relation = (
        f'<Relationship Id="rId99" TargetMode="External" Target="{address}" Type="http://schemas.'
        'openxmlformats.org/officeDocument/2006/relationships/attachedTemplate"/></Relationships>'
    )

    def name_an_address(xml: bytes) -> bytes:
        return xml.replace(b"</Relationships>", relation.encode())

    async with server:
        part = "word/_rels/document.xml.rels"
        assert "Dear Ben" in await read_docx(name_an_address, part)
    assert asked == []


async def test_document_whose_entities_grow() -> None:
    """Entities that stand for ten others each, nine times over, are not resolved."""
    entities = b"".join(
        b'<!ENTITY e%d "%s">' % (number, b"&e%d;" % (number - 1) * 10) for number in range(1, 10)
    )

    def grow(xml: bytes) -> bytes:
        head, end, body = xml.partition(b"?>")
        start = b'<!DOCTYPE x [<!ENTITY e0 "Dear Ben">' + entities + b"]>"
        return head + end + start + body.replace(b"Dear Ben", b"&e9;")

    with pytest.raises(AttachmentError, match="it is damaged"):
        await read_docx(grow)
