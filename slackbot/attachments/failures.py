"""Which files could not be read lately, so that later questions don't read them again."""

from collections.abc import Callable
from dataclasses import dataclass

from cachetools import TLRUCache

from slackbot.attachments.mimetypes import CANVAS_TYPE
from slackbot.conversation.attachment import Attachment
from slackbot.conversation.ids import ChannelId
from slackbot.errors import AttachmentError

CONTENT_FAILURE_SECONDS = 600.0
"""For a file whose content can't be read. It does not change; a busy machine does."""

PASSING_FAILURE_SECONDS = 20.0
"""For a download that failed, and for a canvas, which people edit."""

MAX_FAILURES = 10_000


class OutOfTimeError(AttachmentError):
    """The time for the files of a turn was over. A later question may read the file."""


@dataclass(frozen=True, slots=True)
class _Failure:
    """An error without its traceback, which would keep the file's content in memory."""

    user_message: str
    reason: str
    seconds: float


class FailureMemory:
    """The failures by channel and file id. `clock` returns seconds that only grow."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._failures: TLRUCache[tuple[str, str], _Failure] = TLRUCache(
            MAX_FAILURES, lambda _, failure, now: now + failure.seconds, timer=clock
        )

    def get(self, channel: ChannelId, file_id: str) -> AttachmentError | None:
        failure = self._failures.get((channel, file_id))
        return None if failure is None else AttachmentError(failure.user_message, failure.reason)

    def add_download(self, channel: ChannelId, file: Attachment, err: AttachmentError) -> None:
        """Notes that a file could not be fetched."""
        self._add(channel, file, err, PASSING_FAILURE_SECONDS)

    def add_content(self, channel: ChannelId, file: Attachment, err: AttachmentError) -> None:
        """Notes that a file was fetched and could not be read."""
        is_edited = file.mimetype == CANVAS_TYPE
        seconds = PASSING_FAILURE_SECONDS if is_edited else CONTENT_FAILURE_SECONDS
        self._add(channel, file, err, seconds)

    def _add(
        self, channel: ChannelId, file: Attachment, err: AttachmentError, seconds: float
    ) -> None:
        self._failures[channel, file.id] = _Failure(err.user_message, err.reason, seconds)
