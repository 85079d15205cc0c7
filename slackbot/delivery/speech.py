"""Spoken answers, to voice messages and where an admin has switched speech on.

The written answer is complete and stored first. The audio is then added to the thread as a file. If
that fails, or the bot is shut down, the written answer still says everything.
"""

import logging
import re
import wave
from io import BytesIO
from typing import Protocol

from slackbot.background import BackgroundTasks
from slackbot.conversation.draft import Draft
from slackbot.conversation.messages import ThreadKey
from slackbot.delivery.texts import CODE_OMITTED, SPOKEN_ANSWER_TITLE
from slackbot.errors import ModelError, SlackError

logger = logging.getLogger(__name__)

MAX_SPOKEN_CHARACTERS = 4_000
"""OpenAI speaks at most 4,096; https://platform.openai.com/docs/api-reference/audio"""

SAMPLES_PER_SECOND = 24_000
"""Of the PCM audio that audio models produce."""

_CODE = re.compile(r"^(`{3,}|~{3,}).*?(^\1`*~*[ \t]*$|\Z)", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"!?\[([^\[\]\n]*)\]\([^()\n]*\)")
_SIGNS = re.compile(r"^[ \t]*(?:#{1,6}[ \t]|>[ \t]?|[-*+][ \t])|\*\*|__|`|\*", re.MULTILINE)


class SpeechSynthesizer(Protocol):
    async def speak(self, text: str) -> bytes:
        """Returns the text as MP3; empty if no speech model is configured. Raises ModelError."""


class FileUploader(Protocol):
    async def upload(self, thread: ThreadKey, name: str, content: bytes, title: str) -> None:
        """Adds a file to the thread. Raises SlackError."""


class Speech:
    def __init__(self, synthesizer: SpeechSynthesizer, uploader: FileUploader) -> None:
        self._synthesizer = synthesizer
        self._uploader = uploader
        self._background_tasks = BackgroundTasks()

    def begin(self, thread: ThreadKey, draft: Draft) -> None:
        """Speaks a complete answer in the background; one that ended early is not spoken."""
        answer = draft.answer
        if answer is not None and answer.finish_reason == "stop":
            self._background_tasks.begin(self._upload(thread, answer.text, draft.audio))

    async def close(self) -> None:
        await self._background_tasks.close()

    async def _upload(self, thread: ThreadKey, text: str, pcm: bytes) -> None:
        try:
            if pcm:
                await self._uploader.upload(thread, "answer.wav", to_wav(pcm), SPOKEN_ANSWER_TITLE)
            elif mp3 := await self._synthesizer.speak(speakable_text(text)):
                await self._uploader.upload(thread, "answer.mp3", mp3, SPOKEN_ANSWER_TITLE)
        except (ModelError, SlackError) as err:
            logger.warning("An answer in %s is not spoken: %s", thread.channel, err.user_message)


def speakable_text(markdown: str) -> str:
    """The text without code and markup, shortened to MAX_SPOKEN_CHARACTERS."""
    without_code = _CODE.sub(CODE_OMITTED, markdown)
    text = _SIGNS.sub("", _LINK.sub(r"\1", without_code)).strip()
    if len(text) <= MAX_SPOKEN_CHARACTERS:
        return text
    ends = (
        text.rfind(sign, MAX_SPOKEN_CHARACTERS // 2, MAX_SPOKEN_CHARACTERS) + 1
        for sign in (". ", "\n", " ")
    )
    return text[: next((end for end in ends if end), MAX_SPOKEN_CHARACTERS)].rstrip()


def to_wav(pcm: bytes) -> bytes:
    """A WAV file of mono 16-bit PCM samples."""
    output = BytesIO()
    with wave.open(output, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLES_PER_SECOND)
        file.writeframes(pcm)
    return output.getvalue()
