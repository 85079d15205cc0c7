"""What was prepared of files lately: people ask on about the same ones, question after question.

In memory alone, for some minutes. Whether a file is still there, Slack is asked again and again:
what this says of it is a minute old at the most.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from slackbot.attachments.media_parts import PdfContent, PreparedFile, TextContent
from slackbot.conversation.attachment import Attachment

FRESH = 60.0
"""Seconds for which a file is taken to be where it was."""

LASTS = 600.0
"""Seconds that something stays here which nobody asks for."""

ROOM = 32 * 10**6
"""Bytes, all files together."""


@dataclass(slots=True)
class CachedFile:
    """`seen` and `used` are when Slack was asked for it last, and when somebody here did."""

    attachment: Attachment
    prepared: PreparedFile
    seen: float
    used: float


class AttachmentCache:
    """`clock` gives seconds that only grow."""

    def __init__(self, clock: Callable[[], float], room: int = ROOM) -> None:
        self._clock = clock
        self._room = room
        self._kept: OrderedDict[tuple[str, str], CachedFile] = OrderedDict()
        """By channel and file: what was used last stands last."""

    def fresh(self, channel: str, file: str) -> CachedFile | None:
        """What is known of a file of the channel, if Slack was asked for it within a minute."""
        kept = self._find(channel, file)
        return kept if kept is not None and self._clock() - kept.seen < FRESH else None

    def unchanged(self, channel: str, attachment: Attachment) -> PreparedFile | None:
        """What was prepared of a file that Slack describes just now as it did then."""
        kept = self._find(channel, attachment.id)
        if kept is None or kept.attachment != attachment:
            return None
        kept.seen = self._clock()
        return kept.prepared

    def keep(self, channel: str, attachment: Attachment, prepared: PreparedFile) -> None:
        now = self._clock()
        self._kept[channel, attachment.id] = CachedFile(attachment, prepared, now, now)
        self._kept.move_to_end((channel, attachment.id))
        while sum(_size(each.prepared) for each in self._kept.values()) > self._room:
            self._kept.popitem(last=False)

    def _find(self, channel: str, file: str) -> CachedFile | None:
        now = self._clock()
        while self._kept and now - next(iter(self._kept.values())).used > LASTS:
            self._kept.popitem(last=False)
        kept = self._kept.get((channel, file))
        if kept is not None:
            kept.used = now
            self._kept.move_to_end((channel, file))
        return kept


def _size(prepared: PreparedFile) -> int:
    """In bytes."""
    if isinstance(prepared, TextContent):
        return len(prepared.text)
    text = len(prepared.extract.text) if isinstance(prepared, PdfContent) else 0
    return len(prepared.content) + text
