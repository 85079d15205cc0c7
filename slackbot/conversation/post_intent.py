"""A post that is about to be made. It is recorded first, so that only such posts are looked for."""

from dataclasses import dataclass, replace

from slackbot.conversation.ids import Ts

MAX_TEXT_CHARACTERS = 200
"""Of a stream's first text."""


@dataclass(frozen=True, slots=True)
class StreamBeginning:
    """What a stream shows first, by which it is recognised: it has no metadata until it ends."""

    text: str
    """The first MAX_TEXT_CHARACTERS of its Markdown."""
    tasks: tuple[str, ...] = ()
    """The IDs of its tasks."""


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
    stream: StreamBeginning | None = None
    """Set if it is posted as a stream."""

    def without_text(self) -> "PostIntent":
        """Returns it without what the stream shows, which may repeat what was forgotten."""
        return replace(self, stream=None if self.stream is None else StreamBeginning(""))
