"""Recordings as the workshop makes them, each by a real process."""

import pytest

from slackbot.attachments.extraction.sandbox import ExtractionSandbox
from slackbot.attachments.media_parts import LONGEST_CLIP, AudioContent
from slackbot.conversation.attachment import Attachment
from slackbot.errors import AttachmentError
from tests import sample_files


async def prepared(content: bytes) -> AudioContent:
    clip = await ExtractionSandbox().prepare(Attachment("F1", "memo.m4a"), content, 100)
    assert isinstance(clip, AudioContent)
    return clip


@pytest.mark.parametrize("kind", [*sample_files.CODECS])
async def test_kinds(kind: str) -> None:
    """Whatever people record comes out as MP3, as long as it was."""
    clip = await prepared(sample_files.clip(kind))
    assert clip.seconds == pytest.approx(2, abs=0.2)
    assert clip.is_whole
    assert sample_files.length(clip.content) == pytest.approx(2, abs=0.2)
    assert clip.content[:2] in (b"ID", b"\xff\xfb", b"\xff\xf3")


async def test_an_hour() -> None:
    """Of a recording of an hour 20 minutes are listened to."""
    clip = await prepared(sample_files.hour())
    assert not clip.is_whole
    assert clip.seconds == pytest.approx(LONGEST_CLIP, abs=1)
    assert clip.whole == pytest.approx(3_600, rel=0.05)
    assert len(clip.content) < 8_000_000


async def test_no_sound() -> None:
    """A silent film is refused with that reason."""
    with pytest.raises(AttachmentError, match="no sound that I can hear"):
        await prepared(sample_files.clip("mp4", sound=False))


@pytest.mark.parametrize("kind", ["ipod", "webm", "ogg"])
async def test_damaged(kind: str) -> None:
    """Noise with a recording's head is a sentence."""
    head = sample_files.clip(kind)[:40]
    with pytest.raises(AttachmentError) as caught:
        await prepared(head + b"\x07" * 5_000)
    assert caught.value.user_message in (
        "“memo.m4a” can't be read: it is damaged, or not what its name says.",
        "“memo.m4a” holds no sound that I can hear.",
    )
