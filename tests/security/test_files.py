"""Attacks by files that people upload."""

import sys

import pytest

from slackbot.attachments.extraction.sandbox import ExtractionSandbox
from slackbot.attachments.media_parts import TextContent
from slackbot.conversation.attachment import Attachment
from slackbot.errors import AttachmentError

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
    assert caught.value.user_message == "“a.png” takes too much memory or time to read."
