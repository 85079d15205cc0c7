"""Media in a request, and what the model reads where they are refused."""

import pytest

from slackbot.attachments.media_parts import AudioContent, MediaPart, PdfContent, TextContent
from slackbot.llm.openai.media import (
    HIDDEN,
    data_url,
    filename,
    is_hidden,
    key_of,
    name_of,
    sendable,
    without_inputs,
)
from tests.llm.openai.prompts import PICTURE

PDF = PdfContent(b"%PDF-", TextContent("a.pdf", "Hello", 5), 1)
SCAN = PdfContent(b"%PDF-", TextContent("", "", 0), 1)
CLIP = AudioContent(b"ID3", "a.mp3", 1.0, 1.0)


def test_all_is_sent() -> None:
    """Where nothing is refused the text stays as it is, and all media go with it."""
    media: list[MediaPart] = [PICTURE, PDF, SCAN, CLIP]
    assert sendable("Look!", media, ()) == ("Look!", media)


@pytest.mark.parametrize(
    ("media_part", "feature", "line"),
    [
        (PICTURE, "image_url", HIDDEN["image_url"]),
        (SCAN, "file", HIDDEN["file"]),
        (PDF, "file", PDF.extract.quoted),
        (CLIP, "input_audio", HIDDEN["input_audio"]),
    ],
)
def test_refused_media(media_part: MediaPart, feature: str, line: str) -> None:
    """The text holds what can be read of refused media, or says once that they can't be seen."""
    text, sent = sendable("Look!", [media_part, media_part], {feature})
    assert sent == []
    assert text.startswith(f"Look!\n{line}")
    assert is_hidden(media_part, {feature}) is (line in HIDDEN.values())
    if line in HIDDEN.values():
        assert text == f"Look!\n{line}"


def test_names_and_addresses() -> None:
    """A document without a name gets one, and content becomes a data URL."""
    assert [filename(PDF), filename(SCAN)] == ["a.pdf", "document.pdf"]
    assert data_url(b"abc", "image/png") == "data:image/png;base64,YWJj"


def test_names() -> None:
    """A file's name stands in quotes; one without a name is a file."""
    assert [name_of(each) for each in (PDF, SCAN, CLIP)] == ["“a.pdf”", "a file", "“a.mp3”"]


def test_keys() -> None:
    """The same content has the same key, whatever its name."""
    assert key_of(PDF) == key_of(SCAN)
    assert key_of(PDF) != key_of(CLIP)


def test_without_inputs() -> None:
    """A PDF leaves its text, and anything else a line; what is not left out stays."""
    text, media = without_inputs("Look!", [PICTURE, PDF, CLIP], {key_of(PDF), key_of(CLIP)})
    assert text == f"Look!\n{PDF.extract.quoted}\n(“a.mp3” could not be shown to you.)"
    assert media == (PICTURE,)
