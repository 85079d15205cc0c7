import json
from typing import Any, get_args

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from slackbot.attachments import texts
from slackbot.attachments.extraction.errors import UnreadableFileError, UnreadableReason
from slackbot.attachments.extraction.reader_output import MAX_IMAGE_BYTES, prepared_file
from slackbot.attachments.media_parts import AudioContent, ImageContent, PdfContent, TextContent
from tests import sample_files

PNG, MP3 = sample_files.picture(size=(64, 32)), sample_files.recording("mp3")
IMAGE = {"kind": "image", "mimetype": "image/png", "width": 64, "height": 32}
AUDIO = {"kind": "audio", "seconds": 2.0, "total_seconds": 2.0}
TEXT = {"kind": "text", "total_bytes": 5}
PDF = {"kind": "pdf", "total_bytes": 5, "pages": 1}


def written(result: Any, content: bytes = b"") -> bytes:
    return json.dumps(result).encode() + b"\n" + content


def read(output: bytes, original: bytes = b"%PDF-1.7") -> Any:
    return prepared_file(output, name="a", original=original, max_text_bytes=10)


def refusal(output: bytes) -> UnreadableFileError:
    with pytest.raises(UnreadableFileError) as caught:
        read(output)
    return caught.value


def test_what_readers_write() -> None:
    """Each kind of result becomes what the model gets."""
    assert read(written(IMAGE, PNG)) == ImageContent(PNG, "image/png", 64, 32, "a")
    assert read(written(AUDIO, MP3)) == AudioContent(MP3, "a", 2, 2)
    assert read(written(TEXT, b"Hello")) == TextContent("a", "Hello", 5)
    assert read(written(PDF, b"Hello")) == PdfContent(b"%PDF-1.7", TextContent("a", "Hello", 5), 1)


def test_a_file_that_is_no_pdf() -> None:
    """The file goes to the model's server as a PDF only if it begins like one."""
    with pytest.raises(UnreadableFileError, match="too_complex"):
        read(written(PDF, b"Hello"), original=b"MZ")


def test_reasons() -> None:
    """A reason comes with its figures, and each has a sentence."""
    figures = {"megabytes": 300, "limit": 100}
    error = refusal(written({"unreadable": "too_large_unpacked", **figures}))
    assert error.reason == "too_large_unpacked"
    assert error.figures == {**figures, "megapixels": 0}
    assert set(get_args(UnreadableReason)) == set(texts.UNREADABLE)


@pytest.mark.parametrize(
    ("result", "content"),
    [
        ({**IMAGE, "mimetype": "image/svg+xml"}, PNG),
        ({**IMAGE, "mimetype": "image/jpeg"}, PNG),
        ({**IMAGE, "width": 65}, PNG),
        ({**IMAGE, "width": 64.0}, PNG),
        ({**IMAGE, "width": True}, PNG),
        ({**IMAGE, "width": 10**30}, PNG),
        ({**IMAGE, "name": "x"}, PNG),
        (IMAGE, PNG[:-1]),
        (IMAGE, b"GIF89a"),
        (IMAGE, b""),
        (IMAGE, PNG[:-12] + bytes(MAX_IMAGE_BYTES) + PNG[-12:]),
        ({**AUDIO, "seconds": 0}, MP3),
        ({**AUDIO, "seconds": -1.0}, MP3),
        ({**AUDIO, "seconds": float("nan")}, MP3),
        ({**AUDIO, "total_seconds": float("inf")}, MP3),
        ({**AUDIO, "seconds": "2"}, MP3),
        ({**AUDIO, "seconds": 0.01}, MP3 + bytes(10**6)),
        (AUDIO, b"RIFF\0\0\0\0WAVE"),
        (AUDIO, b""),
        ({**TEXT, "total_bytes": -1}, b""),
        ({**TEXT, "total_bytes": 4}, b"Hello"),
        ({**TEXT, "total_bytes": 20}, b"Hello" * 4),
        ({**TEXT, "total_bytes": 10**30}, b"Hello"),
        ({**TEXT, "total_bytes": None}, b"Hello"),
        (TEXT, b"\xff\xfe"),
        (TEXT, "ä".encode()[:1]),
        ({**PDF, "pages": -1}, b"Hello"),
        ({**PDF, "pages": 10**12}, b"Hello"),
        ({"kind": "pdf", "total_bytes": 5}, b"Hello"),
        ({"kind": "program", "total_bytes": 5}, b"Hello"),
        ({"kind": ["text"], "total_bytes": 5}, b"Hello"),
        ({"unreadable": "gone"}, b""),
        ({"unreadable": ["damaged"]}, b""),
        ({"unreadable": "damaged", "name": "your password"}, b""),
        ({"unreadable": "damaged", "limit": "{name.__class__}"}, b""),
        ({"unreadable": "too_large_unpacked", "megabytes": -5}, b""),
        ({"unreadable": "too_large_unpacked", "megabytes": 10**20}, b""),
        ({}, b""),
        ([], b""),
        (None, b""),
        ("text", b""),
        (7, b""),
    ],
)
def test_lies(result: Any, content: bytes) -> None:
    """A result that is not exactly as a reader writes it makes the file too complex."""
    assert refusal(written(result, content)).reason == "too_complex"


@given(st.binary(max_size=300))
@example(b"[" * 100_000)
@example(b'{"kind":' * 100_000)
@example(b'{"kind": "text", "total_bytes": ' + b"9" * 100_000)
@example(b'"' + b"x" * 10**6)
@example(b'{"kind": "text"\xff}\n')
@example(b"")
def test_noise(output: bytes) -> None:
    """Any other bytes do so as well."""
    assert refusal(output).reason == "too_complex"
