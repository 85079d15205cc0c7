import pytest
from hypothesis import given
from hypothesis import strategies as st

from slackbot.attachments.extraction.audio_formats import audio_format
from tests import sample_files

ID3 = b"ID3\x04\x00\x00\x00\x00\x01\x00" + bytes(128)


@pytest.mark.parametrize(
    ("kind", "container"),
    [
        ("ipod", "mov"),
        ("mp4", "mov"),
        ("webm", "matroska"),
        ("mp3", "mp3"),
        ("wav", "wav"),
        ("ogg", "ogg"),
        ("flac", "flac"),
        ("adts", "aac"),
    ],
)
def test_containers(kind: str, container: str) -> None:
    """Each container that people record in has its name in FFmpeg."""
    assert audio_format(sample_files.recording(kind)) == container


@pytest.mark.parametrize("kind", ["adts", "flac", "mp3"])
def test_tags_before_the_sound(kind: str) -> None:
    """What follows tags decides, also after two of them; tags alone belong to an MP3."""
    sound = sample_files.recording(kind)
    expected = audio_format(sound)
    assert audio_format(ID3 + sound) == expected
    assert audio_format(ID3 + ID3 + sound) == expected
    assert audio_format(ID3) == "mp3"


@given(
    st.sampled_from(["", "ID3", "OggS", "fLaC", "v=0\nftyp", "#EXTM3U\nWAVE", "RIFF", "ID3\x04"]),
    st.text(st.characters(exclude_categories=("Cc", "Cs"))),
)
def test_text(start: str, rest: str) -> None:
    """No text is a recording, even if it begins like one."""
    assert audio_format((start + rest).encode()) is None


@given(st.binary(max_size=40), st.sampled_from([b"", b"ID3", b"ID3\x04\x00", b"\xff"]))
def test_any_bytes(content: bytes, start: bytes) -> None:
    """Bytes of any kind, however short, have a container or none."""
    assert audio_format(start + content) in {
        None,
        "aac",
        "flac",
        "matroska",
        "mov",
        "mp3",
        "ogg",
        "wav",
    }
