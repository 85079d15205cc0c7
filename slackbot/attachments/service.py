"""Makes the attachments of a conversation ready for the model.

Files are fetched from Slack and never stored. A prepared file stays in memory for some minutes, and
is used only while it is still in Slack: what people delete there is gone here as well.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

from slackbot.attachments import texts
from slackbot.attachments.budget import (
    MAX_REQUEST_SHARE,
    limit_bytes,
    select_attachments,
    share_tokens,
)
from slackbot.attachments.cache import AttachmentCache
from slackbot.attachments.media_parts import (
    TOKENS_PER_BYTE,
    AudioContent,
    PdfContent,
    PreparedFile,
    TextContent,
)
from slackbot.attachments.notices import FileOutcome, attachment_notices
from slackbot.attachments.transcripts import Transcripts
from slackbot.conversation.attachment import Attachment
from slackbot.conversation.history import Conversation, Turn
from slackbot.conversation.ids import ChannelId
from slackbot.conversation.messages import ThreadKey
from slackbot.errors import AttachmentError

logger = logging.getLogger(__name__)

MAX_BYTES_PER_CHARACTER = 4
"""In UTF-8."""

MAX_CONCURRENT_FILES = 4
"""How many files are fetched and prepared at the same time."""


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


@dataclass(frozen=True, slots=True)
class PreparedAttachments:
    """A conversation, and what a request contains of its attachments."""

    conversation: Conversation
    """With the transcripts of recordings, and what Slack says now about the files."""
    media: Mapping[str, PreparedFile] = field(default_factory=dict)
    """By the attachments' ids. The model is only told that the others exist."""
    quotes: tuple[str, ...] = ()
    """The transcripts of the last turn, for its answer to show."""
    has_speech: bool = False
    """Somebody speaks in the last turn, and the model knows what they say."""
    notices: tuple[str, ...] = ()
    """What the person who asks should know about the files, a sentence each."""


class Attachments:
    def __init__(
        self,
        fetcher: FileFetcher,
        extractor: FileExtractor,
        transcripts: Transcripts,
        context_tokens: int,
    ) -> None:
        """`context_tokens` is how many tokens a request may take."""
        self._max_turn_tokens = context_tokens * MAX_REQUEST_SHARE
        self._fetcher = fetcher
        self._extractor = extractor
        self._transcripts = transcripts
        self._slots = asyncio.Semaphore(MAX_CONCURRENT_FILES)
        self._cache = AttachmentCache(time.monotonic)

    async def prepare(
        self,
        thread: ThreadKey,
        conversation: Conversation,
        *,
        accepts_audio: bool,
        remaining_tokens: float,
    ) -> PreparedAttachments:
        """Prepares the attachments of a conversation; a file that can't be read costs a notice.

        Recordings are sent as they are to a model that `accepts_audio`, and transcribed for any
        other. The attachments of the last turn take at most `remaining_tokens`.
        """
        selected = {file.id: file for file in select_attachments(conversation.turns)}
        results = await asyncio.gather(
            *(
                self._prepare_file(thread.channel, file, accepts_audio=accepts_audio)
                for file in selected.values()
            )
        )
        outcomes = {file.id: outcome for file, outcome in results}
        media = self._fit_budget(conversation, outcomes, remaining_tokens)
        conversation = _update_files(conversation, {file.id: file for file, _ in results})
        last = conversation.turns[-1]
        files = [file for message in last.messages for file in message.files]
        quotes = tuple(file.words for file in files if file.words and not accepts_audio)
        has_audio = any(isinstance(media.get(file.id), AudioContent) for file in files)
        return PreparedAttachments(
            conversation,
            media,
            quotes,
            has_speech=bool(quotes) or has_audio,
            notices=tuple(dict.fromkeys(attachment_notices(last, outcomes, media))),
        )

    async def text(self, channel: ChannelId, attachment: Attachment, max_characters: int) -> str:
        """The text of a document: at least `max_characters` of it, if there are so many.

        `channel` is where it is shared; empty if that is nowhere yet. Raises AttachmentError.
        """
        fetched = await self._fetcher.find(channel, attachment)
        content, known = await fetched.read(), fetched.attachment
        max_bytes = MAX_BYTES_PER_CHARACTER * max_characters
        prepared = await self._extractor.extract(known, content, max_bytes)
        text = prepared.extract if isinstance(prepared, PdfContent) else prepared
        if not isinstance(text, TextContent):
            name = known.display_name or "The file"
            raise AttachmentError(texts.NO_TEXT.format(name=name), "no text")
        return text.text

    async def _prepare_file(
        self, channel: ChannelId, attachment: Attachment, *, accepts_audio: bool
    ) -> tuple[Attachment, FileOutcome]:
        """The attachment as Slack describes it now, or with its transcript; and its outcome."""
        if attachment.words and not accepts_audio:
            return attachment, None
        try:
            async with self._slots:
                attachment, prepared = await self._fetch(channel, attachment)
            if accepts_audio or not isinstance(prepared, AudioContent):
                return attachment, prepared
            words = await self._transcripts.transcript(channel, attachment.id, prepared)
            return replace(attachment, words=words), None
        except AttachmentError as err:
            logger.info("The file %s is not read: %s", attachment.id, err.reason)
            return attachment, err

    async def _fetch(
        self, channel: ChannelId, attachment: Attachment
    ) -> tuple[Attachment, PreparedFile]:
        cached = self._cache.get_recent(channel, attachment.id)
        if cached is not None:
            return replace(cached.attachment, words=attachment.words), cached.prepared
        fetched = await self._fetcher.find(channel, attachment)
        described = replace(fetched.attachment, words="")
        prepared = self._cache.get_unchanged(channel, described)
        if prepared is None:
            max_bytes = int(self._max_turn_tokens / TOKENS_PER_BYTE)
            content = await fetched.read()
            prepared = await self._extractor.extract(described, content, max_bytes)
            self._cache.put(channel, described, prepared)
        return fetched.attachment, prepared

    def _fit_budget(
        self,
        conversation: Conversation,
        outcomes: Mapping[str, FileOutcome],
        remaining_tokens: float,
    ) -> Mapping[str, PreparedFile]:
        prepared = {
            file_id: outcome
            for file_id, outcome in outcomes.items()
            if outcome is not None and not isinstance(outcome, AttachmentError)
        }
        within_limit = limit_bytes(prepared)
        # A text counts for more tokens if the server has been seen to count more.
        rate = max(1.0, conversation.tokens_per_byte / TOKENS_PER_BYTE)
        last_turn_tokens = min(self._max_turn_tokens, remaining_tokens / rate)
        *earlier, last = conversation.turns
        media: dict[str, PreparedFile] = {}
        for turn in earlier:
            media.update(share_tokens(turn, within_limit, self._max_turn_tokens))
        media.update(share_tokens(last, within_limit, last_turn_tokens))
        return media


def _update_files(conversation: Conversation, files: Mapping[str, Attachment]) -> Conversation:
    """The conversation with these files, by id, in place of what it knew about them."""

    def update(turn: Turn) -> Turn:
        messages = tuple(
            replace(message, files=tuple(files.get(file.id, file) for file in message.files))
            for message in turn.messages
        )
        return replace(turn, messages=messages)

    return replace(conversation, turns=tuple(map(update, conversation.turns)))
