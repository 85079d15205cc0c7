"""Makes the attachments of a conversation ready for the model.

Files are fetched from Slack and never stored. A prepared file stays in memory for some minutes, and
is used only while it is still in Slack: what people delete there is gone here as well.
"""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from slackbot.attachments import texts
from slackbot.attachments.budget import (
    MAX_REQUEST_SHARE,
    limit_bytes,
    select_attachments,
    share_tokens,
)
from slackbot.attachments.failures import OutOfTimeError
from slackbot.attachments.file_reader import FileExtractor, FileFetcher, FileReader
from slackbot.attachments.media_parts import (
    TOKENS_PER_BYTE,
    AudioContent,
    PdfContent,
    PreparedFile,
    TextContent,
    UnreadFile,
)
from slackbot.attachments.notices import FileOutcome, attachment_notices
from slackbot.attachments.transcripts import Transcripts
from slackbot.conversation.attachment import Attachment
from slackbot.conversation.fair_queue import Requester
from slackbot.conversation.history import Conversation, Turn
from slackbot.conversation.ids import ChannelId, UserId
from slackbot.conversation.messages import ThreadKey
from slackbot.errors import AttachmentError

logger = logging.getLogger(__name__)

MAX_BYTES_PER_CHARACTER = 4
"""In UTF-8."""

MAX_TURN_SECONDS = 60.0
"""For fetching and reading the files of one turn. Transcribing them takes its own time."""

INSTRUCTIONS_READER = UserId("instructions")
"""Stands for all people who set instructions with a file, in the order in which files are read."""


@dataclass(frozen=True, slots=True)
class PreparedAttachments:
    """A conversation, and what a request contains of its attachments."""

    conversation: Conversation
    """With the transcripts of recordings, and what Slack says now about the files."""
    media: Mapping[str, PreparedFile | UnreadFile] = field(default_factory=dict)
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
        *,
        max_turn_seconds: float = MAX_TURN_SECONDS,
    ) -> None:
        """`context_tokens` is how many tokens a request may take."""
        self._max_turn_tokens = context_tokens * MAX_REQUEST_SHARE
        self._max_turn_seconds = max_turn_seconds
        self._reader = FileReader(fetcher, extractor, int(self._max_turn_tokens / TOKENS_PER_BYTE))
        self._transcripts = transcripts

    async def prepare(
        self,
        thread: ThreadKey,
        conversation: Conversation,
        requester: UserId,
        *,
        accepts_audio: bool,
        remaining_tokens: float,
    ) -> PreparedAttachments:
        """Prepares the attachments of a conversation; a file that can't be read costs a notice.

        They are read for the `requester`, those of the last turn first, and as many as there is
        time for. Recordings are sent as they are to a model that `accepts_audio`, and transcribed
        for any other. The attachments of the last turn take at most `remaining_tokens`.
        """
        last = conversation.turns[-1]
        files = [file for message in last.messages for file in message.files]
        selected = {file.id: file for file in select_attachments(conversation.turns)}
        asked = {file.id: None for file in files if file.id in selected}
        work = _Work(
            Requester(requester, thread.channel),
            asyncio.get_running_loop().time() + self._max_turn_seconds,
            accepts_audio=accepts_audio,
        )
        found = await asyncio.gather(
            *(self._prepare_file(selected[file_id], work) for file_id in {**asked, **selected})
        )
        outcome_of = {file.id: outcome for file, outcome in found}
        outcomes = {file_id: outcome_of[file_id] for file_id in selected}
        media = self._fit_budget(conversation, outcomes, remaining_tokens)
        conversation = _update_files(conversation, {file.id: file for file, _ in found})
        last = conversation.turns[-1]
        files = [file for message in last.messages for file in message.files]
        quotes = tuple(file.words for file in files if file.words and not accepts_audio)
        has_audio = any(isinstance(media.get(file.id), AudioContent) for file in files)
        return PreparedAttachments(
            conversation,
            {**media, **_unread(outcomes)},
            quotes,
            has_speech=bool(quotes) or has_audio,
            notices=tuple(dict.fromkeys(attachment_notices(last, outcomes, media))),
        )

    async def text(self, channel: ChannelId, attachment: Attachment, max_characters: int) -> str:
        """The text of a document: at least `max_characters` of it, if there are so many.

        `channel` is where it is shared; empty if that is nowhere yet. Raises AttachmentError.
        """
        known, prepared = await self._reader.read_afresh(
            Requester(INSTRUCTIONS_READER, channel),
            attachment,
            MAX_BYTES_PER_CHARACTER * max_characters,
            self._max_turn_seconds,
        )
        text = prepared.extract if isinstance(prepared, PdfContent) else prepared
        if not isinstance(text, TextContent):
            name = known.display_name or "The file"
            raise AttachmentError(texts.NO_TEXT.format(name=name), "no text")
        return text.text

    async def _prepare_file(
        self, attachment: Attachment, work: "_Work"
    ) -> tuple[Attachment, FileOutcome]:
        """The attachment as Slack describes it now, or with its transcript; and its outcome."""
        if attachment.words and not work.accepts_audio:
            return attachment, None
        try:
            attachment, prepared = await self._reader.read(
                work.requester, attachment, work.deadline
            )
            if work.accepts_audio or not isinstance(prepared, AudioContent):
                return attachment, prepared
            words = await self._transcripts.transcript(
                work.requester.channel, attachment.id, prepared
            )
            return replace(attachment, words=words), None
        except AttachmentError as err:
            logger.info("The file %s is not read: %s", attachment.id, err.reason)
            return attachment, err

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


@dataclass(frozen=True, slots=True)
class _Work:
    """For whom the files of a turn are read, where they are shared, and until when."""

    requester: Requester
    deadline: float
    """By the event loop's clock."""
    accepts_audio: bool


def _unread(outcomes: Mapping[str, FileOutcome]) -> Mapping[str, UnreadFile]:
    """What the model is told about the files for which there was no time."""
    return {
        file_id: UnreadFile(texts.NO_TIME_FOR_MODEL)
        for file_id, outcome in outcomes.items()
        if isinstance(outcome, OutOfTimeError)
    }


def _update_files(conversation: Conversation, files: Mapping[str, Attachment]) -> Conversation:
    """The conversation with these files, by id, in place of what it knew about them."""

    def update(turn: Turn) -> Turn:
        messages = tuple(
            replace(message, files=tuple(files.get(file.id, file) for file in message.files))
            for message in turn.messages
        )
        return replace(turn, messages=messages)

    return replace(conversation, turns=tuple(map(update, conversation.turns)))
