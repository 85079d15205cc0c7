"""A post that is about to be made, recorded first: what nobody recorded, nobody has to look for."""

from dataclasses import dataclass

from slackbot.conversation.ids import Ts

MAX_STREAM_BEGINNING_CHARACTERS = 200
"""Of a stream's first text, by which the stream is recognised."""


@dataclass(frozen=True, slots=True)
class PostIntent:
    """A message of a reply that a call to Slack is about to post.

    It is stored before the call, and removed together with the storing of the message's ts. So a
    crash, or a call without an answer, leaves the one message that may be in Slack unknown to us.
    """

    key: str
    """The key of the reply, as in the message's metadata."""
    number: int
    """The number of the message in the reply."""
    since: Ts
    """The newest ts in the thread that the bot knew of: the message comes after it."""
    stream: str | None = None
    """The beginning of its text if it is posted as a stream, which has no metadata until it ends;
    None for any other post."""
