"""Messages that only one person sees."""

from collections.abc import Sequence
from dataclasses import dataclass

from slackbot.playground.json_types import Json


@dataclass(frozen=True, slots=True)
class Ephemeral:
    """A message that only one person sees; `channel` and `user` are ids."""

    channel: str
    user: str
    text: str
    blocks: Sequence[Json] = ()
    thread_ts: str | None = None
    ts: str = ""
    """Its position among the messages."""
