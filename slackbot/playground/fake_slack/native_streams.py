"""The native streams that are open. Slack ends every stream after some minutes."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from slackbot.playground.fake_slack.errors import RefusedError
from slackbot.playground.fake_slack.messages import PostedMessage

ContentKind = Literal["markdown_text", "chunks"]
"""The argument in which a call gives its text."""


@dataclass(slots=True)
class _Stream:
    started: float
    kind: ContentKind | None = None
    stopped_by_user: bool = False


class NativeStreams:
    """The open streams. `clock` returns monotonic seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._streams: dict[PostedMessage, _Stream] = {}
        self.lifetime = 300.0
        """Seconds after which Slack ends a stream by itself."""
        self.are_marked = False
        """Whether the messages of a thread have the field `streaming_state`. Slack documents it for
        the answer of chat.stopStream alone."""

    def start(self, message: PostedMessage) -> None:
        self._streams[message] = _Stream(self._clock())

    def is_open(self, message: PostedMessage) -> bool:
        stream = self._streams.get(message)
        if stream is None or stream.stopped_by_user:
            return False
        return self._clock() - stream.started < self.lifetime

    def require_open(self, message: PostedMessage) -> None:
        """Raises RefusedError unless the message has an open stream."""
        if message in self._streams and self._streams[message].stopped_by_user:
            raise RefusedError("stopped_by_user")
        if not self.is_open(message):
            raise RefusedError("message_not_in_streaming_state")

    def require_kind(self, message: PostedMessage, kind: ContentKind | None) -> None:
        """Raises RefusedError unless the stream has taken its text in this argument from the start.

        Slack does not document it; many apps have met it:
        https://github.com/search?q=streaming_mode_mismatch&type=code
        """
        stream = self._streams[message]
        stream.kind = stream.kind or kind
        if kind not in (None, stream.kind):
            raise RefusedError("streaming_mode_mismatch")

    def stop(self, message: PostedMessage) -> None:
        self._streams.pop(message, None)

    def stop_by_user(self, message: PostedMessage) -> None:
        """Stops a stream for a person: further calls of the app are refused."""
        self._streams[message].stopped_by_user = True
