"""What the bot asks of a language model."""

from collections.abc import AsyncIterator
from typing import Protocol

from slackbot.conversation.deltas import ModelDelta
from slackbot.llm.prompt import Prompt


class Model(Protocol):
    def accepts_audio(self, model: str) -> bool:
        """Whether recordings are sent as they are to the model of this name, "" for the usual."""

    def stream(self, prompt: Prompt, *, model: str, cache_key: str) -> AsyncIterator[ModelDelta]:
        """The answer, piece by piece, of the model of this name, "" for the usual.

        Raises ModelError, ContextOverflowError before the first piece, BrokenAnswerError after it.
        """
