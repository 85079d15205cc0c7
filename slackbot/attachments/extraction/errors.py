"""Why a file can't be read."""


class UnreadableFileError(Exception):
    """`reason` is a key of `texts.UNREADABLE`, and `figures` fill in its sentence."""

    def __init__(self, reason: str, **figures: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.figures = figures
