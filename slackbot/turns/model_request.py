"""Asks the model for one answer, with as much of the conversation as its server takes."""

import logging
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from hashlib import sha256

from slackbot.attachments.service import PreparedAttachments
from slackbot.conversation.deltas import ModelDelta, RetryDelta
from slackbot.conversation.draft import Draft
from slackbot.conversation.history import Conversation
from slackbot.conversation.messages import ThreadKey
from slackbot.errors import BrokenAnswerError, ContextOverflowError
from slackbot.llm.model import Model
from slackbot.llm.prompt import Prompt
from slackbot.llm.prompt_builder import KEPT_SHARE, PromptInputs, build_prompt
from slackbot.llm.tool_offer import ToolOffer
from slackbot.llm.withheld_results import withhold_results
from slackbot.turns.answer_request import AnswerRequest

logger = logging.getLogger(__name__)


class ModelRequest:
    """The requests for one answer. Once the history has proved too long it stays shortened."""

    def __init__(
        self,
        model: Model,
        offer: ToolOffer,
        request: AnswerRequest,
        prepared: PreparedAttachments,
        max_tokens: float,
    ) -> None:
        self._model = model
        self._offer = offer
        self._requester = request.caller.user
        self._settings = request.settings
        self._thread = request.thread
        self._prepared = prepared
        self._max_tokens = max_tokens
        self._accepts_audio = model.accepts_audio(request.settings.model)

    @property
    def offer(self) -> ToolOffer:
        """What the model was offered, without the tools that its server has refused."""
        return self._offer.without(self._model.refused_tools(self._settings.model))

    async def deltas(
        self, draft: Draft, *, must_answer: bool
    ) -> AsyncGenerator[ModelDelta | RetryDelta, None]:
        """Yields the model's deltas, and sets the draft's prompt to the request.

        Asks again with less as long as the server says that it is too long and something can be
        left out, and once more if the answer broke off. An estimate alone refuses nothing.
        """
        conversation = draft.conversation.using(draft.tool_rounds)
        search = "search" in self._settings.extras
        fitted = self._fitted(conversation, aloud=draft.aloud)
        broken = False
        while True:
            sent = draft.prompt = replace(fitted, must_answer=must_answer, search=search)
            try:
                stream = self._model.stream(
                    sent,
                    model=self._settings.model,
                    cache_key=_cache_key(self._thread),
                    on_starting=draft.start,
                )
                async with aclosing(stream) as deltas:
                    async for delta in deltas:
                        yield delta
            except ContextOverflowError:
                self._max_tokens = sent.tokens(conversation.tokens_per_byte) * KEPT_SHARE
                fitted = self._fitted(conversation, aloud=draft.aloud)
                if fitted.size >= sent.size:
                    raise
            except BrokenAnswerError:
                if broken:
                    raise
                broken = True
                logger.info("An answer in %s broke off, asking once more", self._thread.channel)
                yield RetryDelta()
            else:
                return

    def _fitted(self, conversation: Conversation, *, aloud: bool) -> Prompt:
        inputs = PromptInputs(
            withhold_results(conversation, self._requester, self._offer),
            self._settings.text,
            self._offer.definitions,
            has_reserved_tools=bool(self._offer.reserved),
            media=self._prepared.media,
            replay_audio_at=time.time() if self._accepts_audio else None,
        )
        fitted = build_prompt(inputs, self._max_tokens)
        # Audio models insist on sound, on one side or the other.
        return replace(fitted, aloud=self._accepts_audio and (aloud or not fitted.has_audio))


def _cache_key(thread: ThreadKey) -> str:
    """Requests of one thread have the same beginning, so they share a prompt cache."""
    return sha256(repr(thread).encode()).hexdigest()[:32]
