"""What the bot asks of a language model."""

from collections.abc import AsyncIterator
from typing import Protocol

from slackbot.conversation.deltas import ModelDelta
from slackbot.llm.prompt import Prompt


class Model(Protocol):
    def hears(self, model: str) -> bool:
        """Whether recordings are sent to the model of this name as they are."""

    def stream(self, prompt: Prompt, *, model: str, cache_key: str) -> AsyncIterator[ModelDelta]:
        """The answer piece by piece, of the model of that name, or the usual one for "".

        Raises ModelError, ContextOverflowError before the first, BrokenAnswerError after it.
        """
