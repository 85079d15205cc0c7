"""The transcripts of recordings, each asked for once."""

from typing import Protocol

from cachetools import LRUCache

from slackbot.attachments import texts
from slackbot.attachments.media_parts import AudioContent
from slackbot.conversation.ids import ChannelId
from slackbot.errors import AttachmentError, ModelError

MAX_TRANSCRIPTS = 256
"""How many are kept in memory."""


class Transcriber(Protocol):
    async def transcribe(self, audio: AudioContent) -> str:
        """What is said in a recording; empty if nobody speaks. Raises ModelError."""


class Transcripts:
    """Keeps the last transcripts by channel and file.

    A turn is stored with the transcripts that it has when it is answered. A transcript that failed
    then, or that is empty, would be asked for again with each later question.
    """

    def __init__(self, transcriber: Transcriber) -> None:
        self._transcriber = transcriber
        self._transcripts: LRUCache[tuple[str, str], str] = LRUCache(MAX_TRANSCRIPTS)

    async def transcript(self, channel: ChannelId, file_id: str, audio: AudioContent) -> str:
        """What is said in a recording. Raises AttachmentError if that is nothing, or unknown."""
        name = audio.name or "a recording"
        transcript = self._transcripts.get((channel, file_id))
        if transcript is None:
            try:
                transcript = await self._transcriber.transcribe(audio)
            except ModelError as err:
                sentence = texts.NOT_TRANSCRIBED.format(name=name, reason=err.user_message)
                raise AttachmentError(sentence, "not transcribed") from err
            self._transcripts[channel, file_id] = transcript
        if not transcript:
            raise AttachmentError(texts.NO_SPEECH.format(name=name), "no speech")
        return transcript if audio.is_complete else f"{transcript}\n{texts.RECORDING_CONTINUES}"
