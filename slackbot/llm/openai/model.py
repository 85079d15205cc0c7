"""The model behind an OpenAI-compatible server, as a stream of deltas.

https://platform.openai.com/docs/api-reference/chat
"""

import asyncio
import logging
import re
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Sequence
from contextlib import aclosing
from dataclasses import replace
from math import inf

from slackbot.config import Api
from slackbot.conversation.deltas import (
    FinishDelta,
    ModelDelta,
    NoteDelta,
    RetractDelta,
    TextDelta,
)
from slackbot.errors import ConfigError, ModelError
from slackbot.expiring_set import ExpiringSet
from slackbot.llm.model import OnStarting, tell_nobody
from slackbot.llm.openai import chat_chunks, response_events
from slackbot.llm.openai.answer_limits import ReceivedEvents, default_answer_tokens
from slackbot.llm.openai.answer_progress import AnswerProgress
from slackbot.llm.openai.api_selector import RESPONSES
from slackbot.llm.openai.client import Connection, Timeouts
from slackbot.llm.openai.error_report import ErrorReport, FailureKind, failures
from slackbot.llm.openai.event_stream import DONE, json_events
from slackbot.llm.openai.media import feature_of, is_hidden, key_of, name_of
from slackbot.llm.openai.model_errors import is_wrong_address, model_error
from slackbot.llm.openai.model_list import chat_models
from slackbot.llm.openai.reasoning_cache import ReasoningCache, ReasoningRecorder
from slackbot.llm.openai.request import OpenAIRequest
from slackbot.llm.openai.request_sender import OpenedStream, RequestSender
from slackbot.llm.openai.server_start import Wait
from slackbot.llm.openai.texts import (
    MEDIA_NOT_TAKEN,
    MEDIA_OMITTED,
    no_chat_completions,
    sent_instead,
)
from slackbot.llm.openai.thoughts import ThoughtFilter
from slackbot.llm.prompt import Prompt, PromptMessage
from slackbot.network import DIRECT, Network

logger = logging.getLogger(__name__)

USAGE_TIMEOUT_SECONDS = 5.0
"""How long a complete answer waits for the report of what it cost, or for more of it: some servers
say too early that it has ended.
"""

AUDIO_MODEL = re.compile(r"(?<![a-z])audio(?![a-z])", re.IGNORECASE)
"""In the names of models that take and make audio, such as gpt-audio-1.5."""

DEFAULT_TIMEOUTS = Timeouts()

GREETING = Prompt(
    (PromptMessage("developer", "Answer with one word."), PromptMessage("user", "Hello"))
)


class OpenAIModel:
    """A server with its usual model, and what was learned about them."""

    def __init__(
        self,
        *,
        name: str,
        api_key: str,
        base_url: str | None = None,
        timeouts: Timeouts = DEFAULT_TIMEOUTS,
        api: Api = "auto",
        clock: Callable[[], float] = time.monotonic,
        network: Network = DIRECT,
    ) -> None:
        """`clock` times what is remembered of the server, and `network` leads there."""
        self.name = name
        self.max_answer_tokens: int | None = None
        """What one answer may take; None for what suits the model."""
        longest = max(timeouts.first_token, timeouts.stall)
        self._connection = Connection(api_key, base_url, longest, name, network)
        # OpenAI's own server never loads a model first: where it is silent, the model thinks.
        is_official = self._connection.is_official
        self._timeouts = replace(timeouts, notice=inf) if is_official else timeouts
        self._reasoning = ReasoningCache()
        self._sender = RequestSender(self._connection, api, self._reasoning, clock)
        self._clock = clock
        self._open_thoughts: ExpiringSet[str] = ExpiringSet()
        """Models whose answers begin with a thought that has no opening tag."""

    @property
    def can_search(self) -> bool:
        """Whether the server can be asked to search the web."""
        return self._sender.can_search

    async def prepare(self) -> None:
        """Makes the first answer as quick as all others."""
        await self._connection.client()

    async def close(self) -> None:
        await self._connection.close()

    async def check(self, on_starting: OnStarting) -> Sequence[str]:
        """Asks the model for a word, until it begins to answer. Returns what its server gets
        instead of OpenAI's form, as far as that question shows it.

        A server at whose port nothing listens is not waited for.
        Raises ModelError, or ConfigError if the server has nothing at the address's path.
        """
        request = OpenAIRequest(self.name, GREETING, max_tokens=self._max_tokens(self.name))
        wait = Wait(self._timeouts, on_starting, waits_for_port=False)
        try:
            async with aclosing(self._answer(request, wait)) as deltas:
                await anext(deltas)
        except ModelError as err:
            cause = err.__cause__
            if isinstance(cause, failures()) and is_wrong_address(ErrorReport.of(cause)):
                problem = no_chat_completions(self._connection.address)
                raise ConfigError("OPENAI_BASE_URL", problem) from err
            raise
        return sent_instead(self._sender.left_out(self.name))

    async def names(self) -> Sequence[str]:
        """The server's models that can hold a conversation, in order. Raises ModelError.

        https://platform.openai.com/docs/api-reference/models/list
        """
        if self._connection.address.is_azure:
            return [self.name]  # it lists what could be deployed, not what is
        client = await self._connection.client()
        try:
            page = await client.get("/models", cast_to=object, options={"max_retries": 0})
        except failures() as error:
            raise model_error(ErrorReport.of(error), self.name) from error
        return chat_models(page)

    def accepts_audio(self, model: str) -> bool:
        """Whether recordings are sent as they are to the model of this name, "" for the usual."""
        return AUDIO_MODEL.search(model or self.name) is not None

    def refused_tools(self, model: str) -> frozenset[str]:
        """The names of the tools that are left out of this model's requests, "" for the usual."""
        return self._sender.refused_tools(model or self.name)

    def stream(
        self,
        prompt: Prompt,
        *,
        model: str = "",
        cache_key: str = "",
        on_starting: OnStarting = tell_nobody,
    ) -> AsyncGenerator[ModelDelta, None]:
        """The answer, piece by piece, of the model of this name, "" for the usual. The server stops
        when the generator is closed.

        Requests with the same `cache_key`, at most 64 characters, share OpenAI's prompt cache:
        https://platform.openai.com/docs/guides/prompt-caching
        Raises ModelError, ContextOverflowError before the first piece, BrokenAnswerError after it.
        """
        key = cache_key if self._connection.is_official else ""
        name = model or self.name
        request = OpenAIRequest(
            name, prompt, key, max_tokens=self._max_tokens(name), conversation=cache_key
        )
        return self._answer(request, Wait(self._timeouts, on_starting))

    def _max_tokens(self, model: str) -> int:
        return self.max_answer_tokens or default_answer_tokens(model)

    async def _answer(self, request: OpenAIRequest, wait: Wait) -> AsyncGenerator[ModelDelta, None]:
        progress = AnswerProgress(self._timeouts)
        opened: OpenedStream | None = None
        try:
            opened = await wait.until_open(self._sender, request)
            async with aclosing(self._read(request, opened, progress, wait.began)) as read:
                async for delta in read:
                    yield delta
        except failures() as error:
            again = self._after_failure(request, opened, progress, error)
        else:
            again = self._after_end(request, progress)
        if again is not None:
            async with aclosing(self._answer(again, wait)) as deltas:
                async for delta in deltas:
                    yield delta

    def _after_failure(
        self,
        request: OpenAIRequest,
        opened: OpenedStream | None,
        progress: AnswerProgress,
        error: Exception,
    ) -> OpenAIRequest | None:
        """What to ask instead. Raises ModelError if there is nothing."""
        report = replace(ErrorReport.of(error), began=progress.began)
        refused = None if progress.began else opened
        if refused is not None and self._sender.learn_from_stream(request, refused, report):
            return request
        if is_wrong_address(report):
            problem = no_chat_completions(self._connection.address)
            logger.warning("OPENAI_BASE_URL %s", problem)
        raise model_error(report, request.model) from error

    def _after_end(self, request: OpenAIRequest, progress: AnswerProgress) -> OpenAIRequest | None:
        """What to ask instead, if anything. Raises ModelError where the answer is not whole.

        A server may begin the stream, and only then notice that it takes no such request, as
        llama-cpp-python does. Asked for the whole answer, it says why.
        """
        if progress.ended:
            return None
        if not (progress.received or request.whole or self._connection.is_official):
            return replace(request, whole=True)
        kind: FailureKind = "connection" if progress.began else "unreadable"
        raise model_error(ErrorReport(kind, began=progress.began), request.model)

    async def _read(
        self, request: OpenAIRequest, opened: OpenedStream, progress: AnswerProgress, began: float
    ) -> AsyncGenerator[ModelDelta, None]:
        """The request was sent at the time `began`. Raises one of the `failures()`."""
        read = response_events.deltas if opened.path == RESPONSES else chat_chunks.deltas
        recorder = ReasoningRecorder(self._reasoning, request)
        thoughts = self._thought_filter(request.model)
        events = ReceivedEvents(request.max_tokens, time.monotonic())
        done = False
        try:
            async with (
                aclosing(opened.response) as response,
                aclosing(json_events(response, progress, began)) as chunks,
            ):
                for note in _notes(request, opened):
                    yield NoteDelta(note)
                while (
                    chunk := await self._next(chunks, ended=progress.is_over)
                ) is not None and not events.is_too_much(time.monotonic()):
                    progress.received = True
                    recorder.record(chunk)
                    done = done or chunk is DONE
                    for delta in read(chunk, began=progress.began):
                        progress.add(delta)
                        for shown in _shown(delta, thoughts):
                            yield shown
        except failures():
            # Once the model has ended, the answer is whole, whatever becomes of the connection.
            if not (progress.is_over or done):
                raise
        for shown in self._end_of(thoughts, request.model):
            yield shown
        if (progress.began and done) or events.exceeded:
            for finish in _finish(progress, events):
                yield finish

    def _thought_filter(self, model: str) -> ThoughtFilter | None:
        """None for OpenAI's own server, whose models write no thoughts into their answers."""
        if self._connection.is_official:
            return None
        return ThoughtFilter(is_opened=model in self._open_thoughts.current(self._clock()))

    def _end_of(
        self, thoughts: ThoughtFilter | None, model: str
    ) -> Iterator[TextDelta | RetractDelta]:
        """What was held back. Learns whether the next answer of the model should be."""
        if thoughts is None:
            return
        yield from thoughts.end()
        if thoughts.closed_alone:
            self._open_thoughts.add([model], self._clock())
        elif thoughts.closed_alone is False:
            self._open_thoughts.remove([model])

    async def _next(self, chunks: AsyncIterator[object], *, ended: bool) -> object:
        """The next chunk, None after the last. Raises TimeoutError."""
        if not ended:
            return await anext(chunks, None)
        async with asyncio.timeout(USAGE_TIMEOUT_SECONDS):
            return await anext(chunks, None)


def _shown(delta: ModelDelta, thoughts: ThoughtFilter | None) -> Iterator[ModelDelta]:
    """A delta without what the model thinks."""
    if thoughts is not None and isinstance(delta, TextDelta):
        yield from thoughts.feed(delta.text)
    else:
        yield delta


def _finish(progress: AnswerProgress, events: ReceivedEvents) -> Iterator[FinishDelta]:
    """How an answer ended whose server has not said why: not every server does."""
    if progress.ended:
        return
    progress.ended = True
    if events.exceeded:
        logger.warning("An answer of the model went on for ever, and was cut off")
    yield FinishDelta("length" if events.exceeded else "stop")


def _notes(request: OpenAIRequest, opened: OpenedStream) -> Iterator[str]:
    """What people read where the model was not shown what they sent since the last answer."""
    for feature in request.hidden_media(opened.without):
        yield MEDIA_NOT_TAKEN[feature]
    for each in request.new_media:
        reason = opened.omitted.get(key_of(each))
        if reason is not None and is_hidden(each, [feature_of(each)]):
            yield MEDIA_OMITTED[reason].format(name=name_of(each))
