"""The sound of recordings as MP3.

People record in many formats, and a model takes WAV and MP3:
https://platform.openai.com/docs/guides/audio
"""

from io import BytesIO
from typing import Any, NoReturn

import av

from slackbot.attachments.extraction.audio_formats import MAX_TOTAL_SECONDS, audio_format
from slackbot.attachments.extraction.errors import UnreadableFileError

SAMPLES_PER_SECOND = 16_000
"""The rate that speech models use."""

ENCODER_OPTIONS = {"compression_level": "9"}
"""LAME's fastest level: half the time, and for speech nobody hears a difference."""

BITS_PER_SECOND = 48_000
"""Of the MP3; 20 minutes are 7 MB."""

CODECS = frozenset(
    {"aac", "ac3", "alac", "amrnb", "amrwb", "eac3", "flac", "mp2float", "mp3", "mp3float"}
    | {"opus", "vorbis", "adpcm_ima_qt", "adpcm_ima_wav", "adpcm_ms", "pcm_alaw", "pcm_mulaw"}
    | {"pcm_f32le", "pcm_f64le", "pcm_s16be", "pcm_s16le", "pcm_s24be", "pcm_s24le"}
    | {"pcm_s32be", "pcm_s32le", "pcm_u8"}
)
"""What phones, browsers and recorders write. FFmpeg knows 500 more, also for old games."""


def read_audio(content: bytes, max_seconds: int) -> tuple[dict[str, Any], bytes]:
    """The first `max_seconds` of its sound as mono MP3, with `seconds` and `total_seconds`.

    Raises UnreadableFileError, or any error of the library if the file is damaged.
    """
    output = BytesIO()
    with _opened(content) as source, av.open(output, "w", format="mp3") as target:
        if not source.streams.audio or source.streams.audio[0].codec_context.name not in CODECS:
            raise UnreadableFileError("no_sound")
        track = target.add_stream(
            "mp3", rate=SAMPLES_PER_SECOND, layout="mono", options=ENCODER_OPTIONS
        )
        track.bit_rate = BITS_PER_SECOND
        resampler = av.AudioResampler(format="s16p", layout="mono", rate=SAMPLES_PER_SECOND)
        samples = 0
        for frame in source.decode(audio=0):
            for resampled in resampler.resample(frame):
                resampled.pts = None
                samples += resampled.samples
                target.mux(track.encode(resampled))
            if samples >= max_seconds * SAMPLES_PER_SECOND:
                break
        target.mux(track.encode(None))
        seconds = samples / SAMPLES_PER_SECOND
        said_seconds = (source.duration or 0) / av.time_base
        total_seconds = max(seconds, min(said_seconds, MAX_TOTAL_SECONDS))
    if not samples:
        raise UnreadableFileError("no_sound")
    return {"seconds": seconds, "total_seconds": total_seconds}, output.getvalue()


def _opened(content: bytes) -> av.container.InputContainer:
    """Opens the container that the bytes are, and nothing that they name.

    https://ffmpeg.org/ffmpeg-formats.html#Format-Options
    """
    container = audio_format(content)
    if container is None:
        raise UnreadableFileError("damaged")
    allowed = {
        "format_whitelist": container,
        "codec_whitelist": ",".join(CODECS),
        "protocol_whitelist": "",
    }
    return av.open(
        BytesIO(content), "r", format=container, container_options=allowed, io_open=_refuse
    )


def _refuse(url: str, flags: int, options: dict[str, str]) -> NoReturn:  # noqa: ARG001 - a callback
    raise PermissionError("A recording names another file")
