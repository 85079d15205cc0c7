"""Clips made fit for a model: what is said in them, as MP3.

People record anything, a model takes WAV and MP3: https://platform.openai.com/docs/guides/audio
"""

from io import BytesIO
from typing import Any

import av

from slackbot.attachments.extraction.errors import UnreadableFileError

RATE = 16_000
"""Samples a second, as models that listen take them."""

QUICK = {"compression_level": "9"}
"""LAME's ninth is its quickest: half the time, and nobody hears the difference in speech."""

BITS = 48_000
"""A second of the result; 20 minutes are 7 MB."""


def read_clip(content: bytes, most: int) -> tuple[dict[str, Any], bytes]:
    """The first `most` seconds of its sound, in one channel, and how long it is.

    Raises UnreadableError, or whatever the library does over one that is damaged.
    """
    output = BytesIO()
    with av.open(BytesIO(content), "r") as clip, av.open(output, "w", format="mp3") as made:
        if not clip.streams.audio:
            raise UnreadableFileError("no_sound")
        track = made.add_stream("mp3", rate=RATE, layout="mono", options=QUICK)
        track.bit_rate = BITS
        resampler = av.AudioResampler(format="s16p", layout="mono", rate=RATE)
        samples = 0
        for frame in clip.decode(audio=0):
            for each in resampler.resample(frame):
                each.pts = None
                samples += each.samples
                made.mux(track.encode(each))
            if samples >= most * RATE:
                break
        made.mux(track.encode(None))
        seconds = samples / RATE
        whole = max(seconds, (clip.duration or 0) / av.time_base)
    if not samples:
        raise UnreadableFileError("no_sound")
    return {"seconds": seconds, "whole": whole}, output.getvalue()
