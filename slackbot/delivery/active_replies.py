"""The replies that are being written in one workspace, which share its rate budgets."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from slackbot.delivery.agent_sessions import AgentSessions
from slackbot.delivery.ephemeral import EphemeralMessages, always
from slackbot.delivery.rate_limiter import RateLimiter
from slackbot.delivery.reply_location import ReplyLocation
from slackbot.delivery.reply_transport import ReplyTransport
from slackbot.delivery.reply_writer import ReplyWriter
from slackbot.delivery.status import ThreadStatus
from slackbot.delivery.streaming_mode import EDITS


class ActiveReplies:
    def __init__(
        self, transport: ReplyTransport, rate_limiter: RateLimiter, ephemeral: EphemeralMessages
    ) -> None:
        self._transport = transport
        self._rate_limiter = rate_limiter
        self._sessions = AgentSessions(transport)
        self._ephemeral = ephemeral

    async def close(self) -> None:
        """Ends what still goes on in the background."""
        await self._sessions.close()

    def status(self, location: ReplyLocation) -> ThreadStatus:
        """Returns the status of a reply's thread, which is not shown yet."""
        return ThreadStatus(self._transport, location)

    @contextmanager
    def writing(
        self, location: ReplyLocation, status: ThreadStatus | None = None
    ) -> Iterator[ReplyWriter]:
        """Yields the writer of a reply, which uses the rate budgets while the block runs.

        `status` is the status of its thread, if it is shown already.
        """
        modes = EDITS if location.editing else self._rate_limiter.modes
        reply = ReplyWriter(
            self._transport,
            self._rate_limiter,
            self._sessions,
            location,
            modes,
            status or self.status(location),
            self._tell,
        )
        try:
            yield reply
        finally:
            reply.close()

    def _tell(
        self, location: ReplyLocation, sentence: str, is_true: Callable[[], bool] = always
    ) -> None:
        """Shows a sentence to the asker alone."""
        thread = location.thread
        has_replies = bool(location.messages) or location.key != thread.ts
        self._ephemeral.begin(
            thread, location.recipient, sentence, has_replies=has_replies, is_true=is_true
        )
