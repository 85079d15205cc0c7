"""What `slackbot check` prints."""


class Caution(str):
    """A line about what works, but less well than it could."""

    __slots__ = ()
