"""Why a file can't be read."""

from typing import Literal

UnreadableReason = Literal[
    "damaged",
    "encrypted",
    "no_sound",
    "no_text",
    "not_isolated",
    "too_complex",
    "too_large_unpacked",
    "too_many_pixels",
    "unknown",
]
"""A key of `texts.UNREADABLE`."""


class UnreadableFileError(Exception):
    """`figures` fill in the sentence of the reason."""

    def __init__(self, reason: UnreadableReason, **figures: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.figures = figures
