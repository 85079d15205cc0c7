"""What the bot asks of a language model."""

from collections.abc import AsyncGenerator, Callable
from typing import Protocol

from slackbot.conversation.deltas import ModelDelta
from slackbot.llm.prompt import Prompt

OnStarting = Callable[[], object]
"""Is called once, if the model does not answer for a while: its server may be loading it."""


def tell_nobody() -> None:
    """For those who do not need to know."""


class Model(Protocol):
    def accepts_audio(self, model: str) -> bool:
        """Whether recordings are sent as they are to the model of this name, "" for the usual."""

    def refused_tools(self, model: str) -> frozenset[str]:
        """The names of tools that the server of this model, "" for the usual, has refused. They
        are left out of requests.
        """

    def stream(
        self,
        prompt: Prompt,
        *,
        model: str,
        cache_key: str,
        on_starting: OnStarting = tell_nobody,
    ) -> AsyncGenerator[ModelDelta, None]:
        """The answer, piece by piece, of the model of this name, "" for the usual.

        Raises ModelError, ContextOverflowError before the first piece, BrokenAnswerError after it.
        """
