"""Detects the container of a recording by its bytes. Pure.

FFmpeg could guess as well, but it knows 300 formats. Some of them are texts that name further files
or network addresses to open (SDP, HLS, DASH, concat), so it is told which one to use, and opens no
other.
"""

import re
from typing import Literal

AudioFormat = Literal["aac", "flac", "matroska", "mov", "mp3", "ogg", "wav"]
"""A container by its name in FFmpeg; the only ones that are opened. `mov` is M4A and MP4 too, and
`matroska` WebM: https://ffmpeg.org/ffmpeg-formats.html
"""

MAX_TOTAL_SECONDS = 10**7
"""A recording may say any length; nobody needs to know more than four months."""

MAX_ID3_TAGS = 4
"""Tags before the sound. Programs write one, some two."""

_ID3_HEADER = re.compile(rb"ID3[\2-\4].{2}([\0-\x7f]{4})", re.DOTALL)
"""With the length of the rest of the tag, of which each byte has seven bits:
https://id3.org/id3v2.4.0-structure
"""

_ADTS = (b"\xf0", b"\xf1", b"\xf8", b"\xf9")
"""The second byte of AAC, where MP3 has the number of its layer:
https://wiki.multimedia.cx/index.php/ADTS
"""


def audio_format(content: bytes) -> AudioFormat | None:
    """None for what is no recording. No text that people write is one."""
    if content[:1] == b"\0" and content[4:8] == b"ftyp":
        return "mov"
    if content.startswith(b"\x1a\x45\xdf\xa3"):
        return "matroska"
    if content[:4] in (b"RIFF", b"RF64") and content[8:12] == b"WAVE":
        return "wav"
    if content.startswith(b"OggS\0"):
        return "ogg"
    tags_end = _end_of_tags(content)
    if content[tags_end : tags_end + 5] in (b"fLaC\0", b"fLaC\x80"):
        return "flac"
    return _mpeg_format(content, tags_end) or ("mp3" if tags_end else None)


def _mpeg_format(content: bytes, at: int) -> AudioFormat | None:
    """AAC or MP3 without a container; UTF-16 begins with FF FE."""
    first, second = content[at : at + 1], content[at + 1 : at + 2]
    if first != b"\xff" or second < b"\xe0" or second in b"\xfe\xff":
        return None
    return "aac" if second in _ADTS else "mp3"


def _end_of_tags(content: bytes) -> int:
    """Where the ID3 tags end that the recording begins with; 0 if there are none."""
    end = 0
    for _ in range(MAX_ID3_TAGS):
        header = _ID3_HEADER.match(content, end)
        if header is None:
            break
        end = header.end()
        for number, bits in enumerate(reversed(header[1])):
            end += bits << 7 * number
    return end
