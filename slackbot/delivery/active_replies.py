"""All the replies that are being written in one workspace: begun, watched, ended."""

import asyncio
import logging
from collections.abc import AsyncIterator

from slackbot.conversation.draft import Draft
from slackbot.delivery.call_scheduler import StreamingMode
from slackbot.delivery.rate_limiter import RateLimiter
from slackbot.delivery.reply_location import ReplyLocation
from slackbot.delivery.reply_transport import ReplyTransport
from slackbot.delivery.reply_writer import ReplyWriter
from slackbot.errors import DeliveryError, SlackbotError

logger = logging.getLogger(__name__)


class ActiveReplies:
    """All the replies being written in one workspace."""

    def __init__(self, transport: ReplyTransport, mode: StreamingMode | None = "edit") -> None:
        """With no `mode` each reply takes the one that has more budget left."""
        self._transport = transport
        self._mode = mode
        self._rate_limiter = RateLimiter()
        self._writing: set[ReplyWriter] = set()

    async def stream(self, drafts: AsyncIterator[Draft], location: ReplyLocation) -> Draft | None:
        """Shows an answer as it grows; returns it when its end stands in Slack, None where it was
        stopped before it began.

        Raises DeliveryError where Slack will not show it at all.
        """
        reply = self._reply(location)
        self._writing.add(reply)
        try:
            async with asyncio.TaskGroup() as tasks:
                aside = [tasks.create_task(each) for each in (reply.announce(), reply.watch())]
                await asyncio.wait(
                    [
                        tasks.create_task(reply.read(drafts)),
                        tasks.create_task(reply.write()),
                    ]
                )
                for each in aside:
                    each.cancel()
        except ExceptionGroup as group:
            await reply.retire()
            first: Exception = group.exceptions[0]
            raise first from first.__cause__
        finally:
            self._writing.remove(reply)
            reply.close()
        return reply.result

    def deleted(self, channel: str, ts: str) -> None:
        """Somebody deleted a message: a reply that is being written there is given up."""
        for reply in self._writing:
            reply.deleted(channel, ts)

    def stop(self, channel: str, ts: str) -> bool:
        """Ends the replies that a person means by a message, their own or their thread's first.

        False if none is being written there.
        """
        meant = [reply for reply in self._writing if reply.stands_in(channel, ts)]
        return sum(reply.stop() for reply in meant) > 0

    async def erase(self, location: ReplyLocation) -> None:
        """Takes away the messages of a reply that nobody waits for any more."""
        reply = self._reply(location)
        try:
            await reply.erase()
        except DeliveryError as err:
            logger.warning("A reply in %s is left standing: %s", location.thread.channel, err.code)
        finally:
            reply.close()

    async def apologise(self, sentence: str, location: ReplyLocation) -> None:
        """Shows one sentence instead of an answer, if Slack lets it."""
        try:
            await self.stream(_failing(sentence), location)
        except DeliveryError as err:
            logger.warning("No apology in %s: %s", location.thread.channel, err.code)

    def _reply(self, location: ReplyLocation) -> ReplyWriter:
        mode: StreamingMode | None = "edit" if location.editing else self._mode
        return ReplyWriter(self._transport, self._rate_limiter, location, mode)


async def _failing(sentence: str) -> AsyncIterator[Draft]:
    """An answer that fails before it begins."""
    raise SlackbotError(sentence)
    yield
