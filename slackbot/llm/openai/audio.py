"""Recordings written down by a model, and text spoken by one.

https://platform.openai.com/docs/api-reference/audio
"""

import re

from slackbot.attachments.media_parts import AudioContent
from slackbot.errors import ModelError
from slackbot.llm.openai.client import VOICE, Connection
from slackbot.llm.openai.error_report import ErrorReport, failures
from slackbot.llm.openai.media_errors import REFUSING_STATUSES
from slackbot.llm.openai.model_errors import model_error
from slackbot.llm.openai.texts import NO_TRANSCRIPTION_MODEL, UNREADABLE_RECORDING

MAX_TRANSCRIPT_CHARACTERS = 60_000
"""Twice what can be said in the 20 minutes that are transcribed. It stays in the conversation."""

_TOO_SHORT = re.compile(r"\b(audio|file|recording)\b.{0,40}\btoo short\b", re.IGNORECASE)
"""A click of the recorder, in which nobody can have said anything."""

_UNREADABLE = re.compile(
    r"could not be decoded|corrupted|(invalid|unsupported|unrecognized) (audio |file )+format",
    re.IGNORECASE,
)


class AudioModel:
    def __init__(self, connection: Connection, transcribe_model: str, speech_model: str) -> None:
        """The models' names; empty where there is none."""
        self._connection = connection
        self._transcribe_model = transcribe_model
        self._speech_model = speech_model

    async def close(self) -> None:
        await self._connection.close()

    async def transcribe(self, clip: AudioContent) -> str:
        """The words of a recording, if any. Raises ModelError.

        https://platform.openai.com/docs/api-reference/audio/createTranscription
        """
        if not self._transcribe_model:
            raise ModelError(NO_TRANSCRIPTION_MODEL)
        client = await self._connection.client()
        try:
            transcription = await client.audio.transcriptions.create(
                model=self._transcribe_model, file=("clip.mp3", clip.content, "audio/mpeg")
            )
        except failures() as error:
            report = ErrorReport.of(error)
            if _TOO_SHORT.search(report.text):
                return ""
            if report.status in REFUSING_STATUSES and _UNREADABLE.search(report.text):
                raise ModelError(UNREADABLE_RECORDING) from error
            raise model_error(report, self._transcribe_model) from error
        words = getattr(transcription, "text", None)
        if not isinstance(words, str):  # silence is an empty text
            raise model_error(ErrorReport("unreadable"), self._transcribe_model)
        return words.strip()[:MAX_TRANSCRIPT_CHARACTERS]

    async def speak(self, text: str) -> bytes:
        """The text as MP3; empty where there is no model that speaks. Raises ModelError.

        https://platform.openai.com/docs/api-reference/audio/createSpeech
        """
        if not self._speech_model:
            return b""
        client = await self._connection.client()
        try:
            speech = await client.audio.speech.create(
                model=self._speech_model, voice=VOICE, input=text, response_format="mp3"
            )
        except failures() as error:
            raise model_error(ErrorReport.of(error), self._speech_model) from error
        return speech.content
