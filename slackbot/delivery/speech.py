"""Answers said aloud: to whom spoke, one speaks.

The written answer is whole and stored by then. The sound is added to its thread as a file; if that
fails, or the bot ends meanwhile, there is none, and nobody misses a word.
"""

import logging
import re
import wave
from io import BytesIO
from typing import Protocol

from slackbot.background import BackgroundTasks
from slackbot.conversation.draft import Draft
from slackbot.conversation.messages import ThreadKey
from slackbot.errors import ModelError, SlackError

logger = logging.getLogger(__name__)

MAX_SPOKEN_CHARACTERS = 4_000
"""Characters that are said aloud; https://platform.openai.com/docs/api-reference/audio"""

SAMPLES_PER_SECOND = 24_000
"""Samples a second of what audio models say."""

TITLE = "The answer, spoken"

_CODE = re.compile(r"^(`{3,}|~{3,}).*?(^\1`*~*[ \t]*$|\Z)", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"!?\[([^\[\]\n]*)\]\([^()\n]*\)")
_SIGNS = re.compile(r"^[ \t]*(?:#{1,6}[ \t]|>[ \t]?|[-*+][ \t])|\*\*|__|`|\*", re.MULTILINE)


class SpeechSynthesizer(Protocol):
    async def speak(self, text: str) -> bytes:
        """The text as MP3; nothing where no model is set that could. Raises ModelError."""


class FileUploader(Protocol):
    async def upload(self, thread: ThreadKey, name: str, content: bytes, title: str) -> None:
        """Adds a file to the thread. Raises SlackError."""


class Speech:
    def __init__(self, synthesizer: SpeechSynthesizer, uploader: FileUploader) -> None:
        self._synthesizer = synthesizer
        self._uploader = uploader
        self._background_tasks = BackgroundTasks()

    def begin(self, thread: ThreadKey, draft: Draft) -> None:
        """Says a whole answer aloud; what was cut short is left at that."""
        answer = draft.answer
        if answer is not None and answer.finish_reason == "stop":
            self._background_tasks.begin(self._upload(thread, answer.text, draft.audio))

    async def close(self) -> None:
        await self._background_tasks.close()

    async def _upload(self, thread: ThreadKey, text: str, sound: bytes) -> None:
        try:
            if sound:
                await self._uploader.upload(thread, "answer.wav", to_wav(sound), TITLE)
            elif said := await self._synthesizer.speak(speakable_text(text)):
                await self._uploader.upload(thread, "answer.mp3", said, TITLE)
        except (ModelError, SlackError) as err:
            logger.warning("An answer in %s is not spoken: %s", thread.channel, err.user_message)


def speakable_text(markdown: str) -> str:
    """What can be said aloud of a text, as much as a model says."""
    without_code = _CODE.sub("(There is code here: see the written answer.)", markdown)
    text = _SIGNS.sub("", _LINK.sub(r"\1", without_code)).strip()
    if len(text) <= MAX_SPOKEN_CHARACTERS:
        return text
    ends = (text.rfind(sign, MAX_SPOKEN_CHARACTERS // 2, MAX_SPOKEN_CHARACTERS) + 1 for sign in (". ", "\n", " "))
    return text[: next((end for end in ends if end), MAX_SPOKEN_CHARACTERS)].rstrip()


def to_wav(sound: bytes) -> bytes:
    """A file of one channel, 16 bits a sample."""
    output = BytesIO()
    with wave.open(output, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLES_PER_SECOND)
        file.writeframes(sound)
    return output.getvalue()
