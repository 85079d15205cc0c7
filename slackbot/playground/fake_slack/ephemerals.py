"""What one person sees and nobody else."""

from collections.abc import Sequence
from dataclasses import dataclass

from slackbot.playground.wire import Json


@dataclass(frozen=True, slots=True)
class Ephemeral:
    """Gone when the person reloads; `channel` and `user` are ids."""

    channel: str
    user: str
    text: str
    blocks: Sequence[Json] = ()
    thread_ts: str | None = None
    ts: str = ""
    """Where it stands among the messages."""
