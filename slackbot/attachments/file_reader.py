"""Fetches files and reads them: people take turns, time is limited, failures are remembered.

Files are hostile, and slow ones are cheap to make. So one person's files hold at most half of the
slots, and what could not be read is remembered.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Protocol

from slackbot.attachments import texts
from slackbot.attachments.cache import AttachmentCache
from slackbot.attachments.failures import FailureMemory, OutOfTimeError
from slackbot.attachments.media_parts import PreparedFile
from slackbot.attachments.slots import FileSlots
from slackbot.conversation.attachment import Attachment
from slackbot.conversation.fair_queue import Requester
from slackbot.conversation.ids import ChannelId
from slackbot.errors import AttachmentError

MAX_CONCURRENT_FILES = 3
"""How many files are fetched and read at the same time, at most two of them for one person."""


@dataclass(frozen=True, slots=True)
class FetchedFile:
    """What Slack says about a file, and how to read its content."""

    attachment: Attachment
    read: Callable[[], Awaitable[bytes]]
    """Raises AttachmentError."""


class FileFetcher(Protocol):
    async def find(self, channel: ChannelId, attachment: Attachment) -> FetchedFile:
        """A file that is shared in the channel. Raises AttachmentError."""


class FileExtractor(Protocol):
    async def extract(
        self, attachment: Attachment, content: bytes, max_text_bytes: int
    ) -> PreparedFile:
        """What the model gets of a file, with text of up to `max_text_bytes`.

        Raises AttachmentError.
        """


class FileReader:
    def __init__(self, fetcher: FileFetcher, extractor: FileExtractor, max_text_bytes: int) -> None:
        self._fetcher = fetcher
        self._extractor = extractor
        self._max_text_bytes = max_text_bytes
        self._slots = FileSlots(MAX_CONCURRENT_FILES)
        self._cache = AttachmentCache(time.monotonic)
        self._failures = FailureMemory(time.monotonic)

    async def read(
        self, requester: Requester, attachment: Attachment, deadline: float
    ) -> tuple[Attachment, PreparedFile]:
        """A file of the requester's channel as Slack describes it now, and what it holds.

        `deadline` is a time of the event loop's clock. Raises AttachmentError; OutOfTimeError if
        the deadline came first.
        """
        channel = requester.channel
        cached = self._cache.get_recent(channel, attachment.id)
        if cached is not None:
            return replace(cached.attachment, words=attachment.words), cached.prepared
        failure = self._failures.get(channel, attachment.id)
        if failure is not None:
            raise failure
        try:
            async with asyncio.timeout_at(deadline), self._slots.hold(requester):
                return await self._read(channel, attachment)
        except TimeoutError as err:
            raise _out_of_time(attachment) from err

    async def read_afresh(
        self, requester: Requester, attachment: Attachment, max_text_bytes: int, seconds: float
    ) -> tuple[Attachment, PreparedFile]:
        """The same with another length of text, whatever was read before."""
        try:
            async with asyncio.timeout(seconds), self._slots.hold(requester):
                fetched = await self._fetcher.find(requester.channel, attachment)
                known, content = fetched.attachment, await fetched.read()
                return known, await self._extractor.extract(known, content, max_text_bytes)
        except TimeoutError as err:
            raise _out_of_time(attachment) from err

    async def _read(
        self, channel: ChannelId, attachment: Attachment
    ) -> tuple[Attachment, PreparedFile]:
        fetched = await self._fetcher.find(channel, attachment)
        described = replace(fetched.attachment, words="")
        prepared = self._cache.get_unchanged(channel, described)
        if prepared is None:
            prepared = await self._extract(channel, described, fetched)
            self._cache.put(channel, described, prepared)
        return fetched.attachment, prepared

    async def _extract(
        self, channel: ChannelId, described: Attachment, fetched: FetchedFile
    ) -> PreparedFile:
        try:
            content = await fetched.read()
        except AttachmentError as err:
            self._failures.add_download(channel, described, err)
            raise
        try:
            return await self._extractor.extract(described, content, self._max_text_bytes)
        except AttachmentError as err:
            self._failures.add_content(channel, described, err)
            raise


def _out_of_time(attachment: Attachment) -> OutOfTimeError:
    names = texts.quoted_name(attachment.display_name)
    return OutOfTimeError(texts.OUT_OF_TIME.format(names=names), "no time left")
