"""What people say aloud, written down by a model for that; and what is written, said aloud.

https://platform.openai.com/docs/api-reference/audio
"""

import logging

from openai import AsyncOpenAI

from slackbot.attachments.media_parts import AudioContent
from slackbot.errors import ModelError
from slackbot.llm.openai.chat_request import VOICE
from slackbot.llm.openai.error_report import FAILURES, ErrorReport
from slackbot.llm.openai.model_errors import error_for

logger = logging.getLogger(__name__)

NOBODY = "No model is set here that could listen (OPENAI_TRANSCRIBE_MODEL). Please tell an admin."


class AudioModel:
    """`transcribe_model` and `speech_model` are names of models; empty where there is none."""

    def __init__(self, client: AsyncOpenAI, transcribe_model: str, speech_model: str) -> None:
        self._client = client
        self._transcribe_model = transcribe_model
        self._speech_model = speech_model

    async def close(self) -> None:
        await self._client.close()

    async def transcribe(self, clip: AudioContent) -> str:
        """What is said in it; nothing, perhaps. Raises ModelError.

        https://platform.openai.com/docs/api-reference/audio/createTranscription
        """
        if not self._transcribe_model:
            raise ModelError(NOBODY)
        try:
            heard = await self._client.audio.transcriptions.create(
                model=self._transcribe_model, file=("clip.mp3", clip.content, "audio/mpeg")
            )
        except FAILURES as error:
            raise model_error(ErrorReport.of(error), self._transcribe_model) from error
        return heard.text.strip() if isinstance(heard.text, str) else ""

    async def speak(self, text: str) -> bytes:
        """The text as MP3; nothing where no model is set that could. Raises ModelError.

        https://platform.openai.com/docs/api-reference/audio/createSpeech
        """
        if not self._speech_model:
            return b""
        try:
            said = await self._client.audio.speech.create(
                model=self._speech_model, voice=VOICE, input=text, response_format="mp3"
            )
        except FAILURES as error:
            raise model_error(ErrorReport.of(error), self._speech_model) from error
        return said.content


def model_error(report: ErrorReport, model: str) -> ModelError:
    """The error to raise for a report, which is logged."""
    logger.warning(
        "Nothing from model %s: %s, status %s, code %s, request %s",
        model,
        report.kind,
        report.status,
        "/".join(report.codes) or None,
        report.request_id or None,
    )
    return error_for(report, model, began=False)
