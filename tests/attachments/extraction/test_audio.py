import pytest

from slackbot.attachments.extraction.sandbox import ExtractionSandbox
from slackbot.attachments.media_parts import MAX_AUDIO_SECONDS, AudioContent
from slackbot.conversation.attachment import Attachment
from slackbot.errors import AttachmentError
from tests import sample_files


async def extract(content: bytes) -> AudioContent:
    audio = await ExtractionSandbox().extract(Attachment("F1", "memo.m4a"), content, 100)
    assert isinstance(audio, AudioContent)
    return audio


@pytest.mark.parametrize("kind", [*sample_files.AUDIO_CODECS])
async def test_kinds(kind: str) -> None:
    """A recording in any format becomes an MP3 of the same length."""
    audio = await extract(sample_files.recording(kind))
    assert audio.seconds == pytest.approx(2, abs=0.2)
    assert audio.is_complete
    assert sample_files.duration_seconds(audio.content) == pytest.approx(2, abs=0.2)
    assert audio.content[:2] in (b"ID", b"\xff\xfb", b"\xff\xf3")


async def test_hour() -> None:
    """Only the first 20 minutes of an hour are used."""
    audio = await extract(sample_files.hour_long_mp3())
    assert not audio.is_complete
    assert audio.seconds == pytest.approx(MAX_AUDIO_SECONDS, abs=1)
    assert audio.total_seconds == pytest.approx(3_600, rel=0.05)
    assert len(audio.content) < 8_000_000


async def test_no_sound() -> None:
    """A video without sound is refused for that reason."""
    with pytest.raises(AttachmentError, match="no sound that I can hear"):
        await extract(sample_files.recording("mp4", sound=False))


@pytest.mark.parametrize("kind", ["ipod", "webm", "ogg"])
async def test_damaged(kind: str) -> None:
    """Noise after the header of a recording is damage, or no sound."""
    head = sample_files.recording(kind)[:40]
    with pytest.raises(AttachmentError) as caught:
        await extract(head + b"\x07" * 5_000)
    assert caught.value.user_message in (
        "“memo.m4a” can't be read: it is damaged, or not what its name says.",
        "“memo.m4a” contains no sound that I can hear.",
    )


async def test_strange_codec() -> None:
    """Sound in a codec that no recorder writes is not decoded."""
    content = sample_files.recording("wav", codec="adpcm_yamaha")
    with pytest.raises(AttachmentError, match="no sound that I can hear"):
        await extract(content)
