"""What people attached, made ready for the model: fetched from Slack, and turned into enclosures.

Nothing of it is stored. What a request encloses is fetched anew, or was fetched some minutes ago
and is still in Slack, so what has left Slack has left the bot as well.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

from slackbot.attachments.budget import SHARE, chosen, light_enough, shared_out
from slackbot.attachments.cache import AttachmentCache
from slackbot.attachments.media_parts import (
    TOKENS_PER_BYTE,
    AudioContent,
    PdfContent,
    PreparedFile,
    TextContent,
)
from slackbot.attachments.notices import GOES_ON, remarks
from slackbot.conversation.attachment import Attachment
from slackbot.conversation.history import Conversation, Turn
from slackbot.conversation.messages import ThreadKey
from slackbot.errors import AttachmentError, ModelError

logger = logging.getLogger(__name__)

BYTES_OF_A_CHARACTER = 4
"""The most that UTF-8 takes."""

AT_ONCE = 4
"""How many files are fetched and prepared at the same time."""

MOST_HEARD = 256
"""Recordings of which it is known what is said in them, the last ones."""

UNHEARD = "I could not listen to “{name}”. {why}"
SILENT = "I heard nobody speak in “{name}”."
NO_TEXT = "There is no text in “{name}”."


@dataclass(frozen=True, slots=True)
class FetchedFile:
    """All that is known of a file, and how to get at its content, which raises AttachmentError."""

    attachment: Attachment
    read: Callable[[], Awaitable[bytes]]


class FileFetcher(Protocol):
    async def find(self, channel: str, attachment: Attachment) -> FetchedFile:
        """A file that was shared in the channel. Raises AttachmentError."""


class FilePreparer(Protocol):
    async def prepare(self, attachment: Attachment, content: bytes, most_text: int) -> PreparedFile:
        """Makes of a file's content what a model is sent of it, `most_text` bytes of text at the
        most. Raises AttachmentError.
        """


@dataclass(frozen=True, slots=True)
class PreparedAttachments:
    """A conversation with what is to be sent of its attachments."""

    conversation: Conversation
    media: Mapping[str, PreparedFile] = field(default_factory=dict)
    """By the attachments' ids; what is not here is described."""
    quotes: tuple[str, ...] = ()
    """What was said aloud in the turn that is being answered."""
    spoken: bool = False
    """Somebody spoke in that turn, and was understood."""
    notes: tuple[str, ...] = ()
    """What the person who is answered should know, a sentence each."""


class Transcriber(Protocol):
    async def transcribe(self, clip: AudioContent) -> str:
        """What is said in a recording. Raises ModelError."""


class Attachments:
    def __init__(
        self,
        fetcher: FileFetcher,
        preparer: FilePreparer,
        transcriber: Transcriber,
        context_tokens: int,
    ) -> None:
        """`context_tokens` is the most that a request may take."""
        self._share = context_tokens * SHARE
        self._fetcher = fetcher
        self._preparer = preparer
        self._transcriber = transcriber
        self._places = asyncio.Semaphore(AT_ONCE)
        self._cache = AttachmentCache(time.monotonic)
        self._words: dict[tuple[str, str], str] = {}
        """By channel and recording, nothing where nobody speaks. Those of the turn that is answered
        are stored with it, but a turn that was stored without them does not get them any more.
        """

    async def enclose(
        self, thread: ThreadKey, conversation: Conversation, *, hears: bool, remaining_tokens: float
    ) -> PreparedAttachments:
        """Whatever can't be read costs a sentence, and no more than that. Recordings are enclosed
        for a model that `hears`, and written down for any other. What is sent with the last turn
        takes no more than `remaining_tokens` tokens.
        """
        wanted = {each.id: each for each in chosen(conversation.turns)}
        ready = await asyncio.gather(
            *(self._ready(thread, each, hears=hears) for each in wanted.values())
        )
        found = {each.id: it for each, it in ready}
        prepared = {
            name: it
            for name, it in found.items()
            if it is not None and not isinstance(it, AttachmentError)
        }
        light = light_enough(prepared)
        *earlier, last = conversation.turns
        media = {
            name: it
            for turn in earlier
            for name, it in shared_out(turn, light, self._share).items()
        }
        # A text counts for more tokens where the server has been seen to count more.
        rate = max(1.0, conversation.tokens_per_byte / TOKENS_PER_BYTE)
        media |= shared_out(last, light, min(self._share, remaining_tokens / rate))
        conversation = _with(conversation, {each.id: each for each, _ in ready})
        last = conversation.turns[-1]
        files = [file for said in last.said for file in said.files]
        quotes = tuple(file.words for file in files if file.words and not hears)
        heard = any(isinstance(media.get(file.id), AudioContent) for file in files)
        return PreparedAttachments(
            conversation,
            media,
            quotes,
            spoken=bool(quotes) or heard,
            notes=tuple(dict.fromkeys(remarks(last, found, media))),
        )

    async def text(self, channel: str, attachment: Attachment, most: int) -> str:
        """What stands in a document that was shared in the channel, or nowhere yet, of which no
        more than `most` characters are wanted. Raises AttachmentError.
        """
        found = await self._fetcher.find(channel, attachment)
        content, known = await found.read(), found.attachment
        made = await self._preparer.prepare(known, content, BYTES_OF_A_CHARACTER * most)
        extract = made.extract if isinstance(made, PdfContent) else made
        if not isinstance(extract, TextContent):
            name = known.called or "The file"
            raise AttachmentError(NO_TEXT.format(name=name), "no text")
        return extract.text

    async def _ready(
        self, thread: ThreadKey, attachment: Attachment, *, hears: bool
    ) -> tuple[Attachment, PreparedFile | AttachmentError | None]:
        if attachment.words and not hears:
            return attachment, None
        try:
            async with self._places:
                attachment, prepared = await self._prepared(thread.channel, attachment)
            made: PreparedFile | None = prepared
            if isinstance(made, AudioContent) and not hears:
                words = await self._heard(thread.channel, attachment.id, made)
                attachment = replace(attachment, words=words)
                made = None
        except AttachmentError as err:
            logger.info("The file %s is not read: %s", attachment.id, err.reason)
            return attachment, err
        else:
            return attachment, made

    async def _prepared(
        self, channel: str, attachment: Attachment
    ) -> tuple[Attachment, PreparedFile]:
        kept = self._cache.fresh(channel, attachment.id)
        if kept is not None:
            return replace(kept.attachment, words=attachment.words), kept.prepared
        found = await self._fetcher.find(channel, attachment)
        described = replace(found.attachment, words="")
        prepared = self._cache.unchanged(channel, described)
        if prepared is None:
            most = int(self._share / TOKENS_PER_BYTE)
            prepared = await self._preparer.prepare(described, await found.read(), most)
            self._cache.keep(channel, described, prepared)
        return found.attachment, prepared

    async def _heard(self, channel: str, recording: str, clip: AudioContent) -> str:
        name = clip.name or "a recording"
        words = self._words.get((channel, recording))
        if words is None:
            try:
                words = await self._transcriber.transcribe(clip)
            except ModelError as err:
                sentence = UNHEARD.format(name=name, why=err.user_message)
                raise AttachmentError(sentence, "not transcribed") from err
            self._words[channel, recording] = words
            while len(self._words) > MOST_HEARD:
                del self._words[next(iter(self._words))]
        if not words:
            raise AttachmentError(SILENT.format(name=name), "nothing was said")
        return words if clip.is_whole else f"{words}\n{GOES_ON}"


def _with(conversation: Conversation, complete: Mapping[str, Attachment]) -> Conversation:
    """The conversation with what Slack says of its attachments now."""

    def completed(turn: Turn) -> Turn:
        said = tuple(
            replace(each, files=tuple(complete.get(file.id, file) for file in each.files))
            for each in turn.said
        )
        return replace(turn, said=said)

    return replace(conversation, turns=tuple(map(completed, conversation.turns)))
