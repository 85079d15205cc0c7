"""The sound of recordings as MP3.

People record in many formats, and a model takes WAV and MP3:
https://platform.openai.com/docs/guides/audio
"""

from io import BytesIO
from typing import Any

import av

from slackbot.attachments.extraction.errors import UnreadableFileError

SAMPLES_PER_SECOND = 16_000
"""The rate that speech models use."""

ENCODER_OPTIONS = {"compression_level": "9"}
"""LAME's fastest level: half the time, and for speech nobody hears a difference."""

BITS_PER_SECOND = 48_000
"""Of the MP3; 20 minutes are 7 MB."""


def read_audio(content: bytes, max_seconds: int) -> tuple[dict[str, Any], bytes]:
    """The first `max_seconds` of its sound as mono MP3, with `seconds` and `total_seconds`.

    Raises UnreadableFileError, or any error of the library if the file is damaged.
    """
    output = BytesIO()
    with av.open(BytesIO(content), "r") as source, av.open(output, "w", format="mp3") as target:
        if not source.streams.audio:
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
        total_seconds = max(seconds, (source.duration or 0) / av.time_base)
    if not samples:
        raise UnreadableFileError("no_sound")
    return {"seconds": seconds, "total_seconds": total_seconds}, output.getvalue()
