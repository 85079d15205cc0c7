"""Files that were prepared lately, since people ask one question after another about the same ones.

They are in memory only, for some minutes. Slack is still asked whether a file exists, at most once
a minute.
"""

from collections.abc import Callable
from dataclasses import dataclass

from cachetools import TTLCache

from slackbot.attachments.media_parts import PdfContent, PreparedFile, TextContent
from slackbot.conversation.attachment import Attachment
from slackbot.conversation.ids import ChannelId

RECHECK_SECONDS = 60.0
"""For so long after Slack was asked, a file counts as still there."""

UNUSED_SECONDS = 600.0
"""A file that nobody asks about for so long is dropped."""

MAX_CACHE_BYTES = 32 * 10**6


@dataclass(frozen=True, slots=True)
class CachedFile:
    attachment: Attachment
    prepared: PreparedFile
    checked_at: float
    """When Slack was last asked about it, by the cache's clock."""

    @property
    def size(self) -> int:
        """In bytes, about."""
        if isinstance(self.prepared, TextContent):
            return len(self.prepared.text)
        text = self.prepared.extract.text if isinstance(self.prepared, PdfContent) else ""
        return len(self.prepared.content) + len(text)


class AttachmentCache:
    """The files that were used last, by channel and file id.

    `clock` returns seconds that only grow.
    """

    def __init__(self, clock: Callable[[], float], max_bytes: int = MAX_CACHE_BYTES) -> None:
        self._clock = clock
        self._files: TTLCache[tuple[str, str], CachedFile] = TTLCache(
            max_bytes, UNUSED_SECONDS, timer=clock, getsizeof=lambda file: file.size
        )

    def get_recent(self, channel: ChannelId, file_id: str) -> CachedFile | None:
        """A file of the channel, if Slack was asked about it less than RECHECK_SECONDS ago."""
        file = self._use(channel, file_id)
        recent = file is not None and self._clock() - file.checked_at < RECHECK_SECONDS
        return file if recent else None

    def get_unchanged(self, channel: ChannelId, attachment: Attachment) -> PreparedFile | None:
        """A file of the channel that Slack describes now as it did when it was prepared."""
        file = self._use(channel, attachment.id)
        if file is None or file.attachment != attachment:
            return None
        self.put(channel, attachment, file.prepared)
        return file.prepared

    def put(self, channel: ChannelId, attachment: Attachment, prepared: PreparedFile) -> None:
        """Keeps a file that Slack was asked about just now, unless it is larger than the cache."""
        self._keep((channel, attachment.id), CachedFile(attachment, prepared, self._clock()))

    def _use(self, channel: ChannelId, file_id: str) -> CachedFile | None:
        key = (channel, file_id)
        file = self._files.get(key)
        if file is not None:
            self._keep(key, file)  # its time begins again
        return file

    def _keep(self, key: tuple[str, str], file: CachedFile) -> None:
        if file.size <= self._files.maxsize:
            self._files[key] = file
