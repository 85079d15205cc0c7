"""The model behind an OpenAI-compatible server, as a stream of deltas.

https://platform.openai.com/docs/api-reference/chat
"""

import asyncio
import re
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace

from slackbot.config import Api
from slackbot.conversation.deltas import (
    FinishDelta,
    ModelDelta,
    NoteDelta,
    RefusalDelta,
    RetractDelta,
    TextDelta,
    ToolCallDelta,
    WebSearchDelta,
)
from slackbot.expiring_set import ExpiringSet
from slackbot.llm.openai import chat_chunks, response_events
from slackbot.llm.openai.api_selector import RESPONSES, ApiPath
from slackbot.llm.openai.client import Connection
from slackbot.llm.openai.error_report import ErrorReport, FailureKind, failures
from slackbot.llm.openai.event_stream import DONE, json_events
from slackbot.llm.openai.media import MediaFeature
from slackbot.llm.openai.model_errors import model_error
from slackbot.llm.openai.model_list import chat_models
from slackbot.llm.openai.reasoning_cache import ReasoningCache, ReasoningRecorder
from slackbot.llm.openai.request import OpenAIRequest
from slackbot.llm.openai.request_sender import OpenedStream, RequestSender
from slackbot.llm.openai.stream_ends import StreamEnds
from slackbot.llm.openai.texts import MEDIA_FAILED, MEDIA_FORBIDDEN, MEDIA_NOT_TAKEN
from slackbot.llm.openai.thoughts import ThoughtFilter
from slackbot.llm.prompt import Prompt, PromptMessage
from slackbot.network import DIRECT, Network

USAGE_TIMEOUT_SECONDS = 5.0
"""How long a complete answer waits for the report of what it cost, or for more of it: some servers
say too early that it has ended.
"""

AUDIO_MODEL = re.compile(r"(?<![a-z])audio(?![a-z])", re.IGNORECASE)
"""In the names of models that take and make audio, such as gpt-audio-1.5."""

BEGINNINGS = (TextDelta, RefusalDelta, WebSearchDelta, ToolCallDelta)
"""The deltas with which an answer has begun."""

GREETING = Prompt(
    (PromptMessage("developer", "Answer with one word."), PromptMessage("user", "Hello"))
)
GREETING_MAX_TOKENS = 16


class OpenAIModel:
    """A server with its usual model, and what was learned about them."""

    def __init__(
        self,
        *,
        name: str,
        api_key: str,
        base_url: str | None = None,
        stall_seconds: float = 60.0,
        api: Api = "auto",
        clock: Callable[[], float] = time.monotonic,
        network: Network = DIRECT,
    ) -> None:
        """`stall_seconds` limits the wait for the response to each attempt of a request, and for
        each piece of an answer. `clock` times what is remembered of the server, `network` leads
        there.
        """
        self.name = name
        self._stall_seconds = stall_seconds
        self._connection = Connection(api_key, base_url, stall_seconds, network)
        self._reasoning = ReasoningCache()
        self._ends: StreamEnds[tuple[str, ApiPath]] = StreamEnds()
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

    async def check(self) -> None:
        """Asks the model for a word, until it begins to answer. Raises ModelError."""
        request = OpenAIRequest(self.name, GREETING, max_tokens=GREETING_MAX_TOKENS)
        async with aclosing(self._answer(request)) as deltas:
            await anext(deltas)

    async def names(self) -> Sequence[str]:
        """The server's models that can hold a conversation, in order. Raises ModelError.

        https://platform.openai.com/docs/api-reference/models/list
        """
        client = await self._connection.client()
        try:
            page = await client.get("/models", cast_to=object, options={"max_retries": 0})
        except failures() as error:
            raise model_error(ErrorReport.of(error), self.name) from error
        return chat_models(page)

    def accepts_audio(self, model: str) -> bool:
        """Whether recordings are sent as they are to the model of this name, "" for the usual."""
        return AUDIO_MODEL.search(model or self.name) is not None

    def stream(
        self, prompt: Prompt, *, model: str = "", cache_key: str = ""
    ) -> AsyncGenerator[ModelDelta, None]:
        """The answer, piece by piece, of the model of this name, "" for the usual. The server stops
        when the generator is closed.

        Requests with the same `cache_key`, at most 64 characters, share OpenAI's prompt cache:
        https://platform.openai.com/docs/guides/prompt-caching
        Raises ModelError, ContextOverflowError before the first piece, BrokenAnswerError after it.
        """
        key = cache_key if self._connection.is_official else ""
        request = OpenAIRequest(model or self.name, prompt, key, conversation=cache_key)
        return self._answer(request)

    async def _answer(self, request: OpenAIRequest) -> AsyncGenerator[ModelDelta, None]:
        progress = _Progress()
        try:
            opened = await self._sender.open(request)
            async with aclosing(self._read(request, opened, progress)) as read:
                async for delta in read:
                    yield delta
        except failures() as error:
            report = replace(ErrorReport.of(error), began=progress.began)
            imageless = request.without_images()
            if not progress.began and imageless != request and _is_about_images(report):
                yield NoteDelta(MEDIA_FORBIDDEN)
                async with aclosing(self._answer(imageless)) as deltas:
                    async for delta in deltas:
                        yield delta
            # Once the model has ended, the answer is whole, whatever becomes of the connection.
            elif not progress.is_over:
                raise model_error(report, request.model) from error
        else:
            if not progress.ended:
                kind: FailureKind = "connection" if progress.began else "unreadable"
                report = ErrorReport(kind, began=progress.began)
                raise model_error(report, request.model)

    async def _read(
        self, request: OpenAIRequest, opened: OpenedStream, progress: "_Progress"
    ) -> AsyncGenerator[ModelDelta, None]:
        """Raises one of the `failures()`."""
        model = (request.model, opened.path)
        read = response_events.deltas if opened.path == RESPONSES else chat_chunks.deltas
        recorder = ReasoningRecorder(self._reasoning, request)
        thoughts = self._thought_filter(request.model)
        done = False
        async with (
            aclosing(opened.response) as response,
            aclosing(json_events(response, self._stall_seconds)) as chunks,
        ):
            for feature in request.hidden_media(opened.without):
                yield NoteDelta(_note(feature, opened))
            while (chunk := await self._next(chunks, ended=progress.is_over)) is not None:
                recorder.record(chunk)
                done = done or chunk is DONE
                for delta in read(chunk):
                    progress.add(delta)
                    if thoughts is not None and isinstance(delta, TextDelta):
                        for shown in thoughts.feed(delta.text):
                            yield shown
                    else:
                        yield delta
        for shown in self._end_of(thoughts, request.model):
            yield shown
        if progress.ended:
            self._ends.on_reason(model)
        elif progress.began and done and self._ends.is_whole(model):
            progress.ended = True
            yield FinishDelta()

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


@dataclass(slots=True)
class _Progress:
    began: bool = False
    ended: bool = False
    """The server has said why the answer ended."""
    went_on: bool = False
    """It has said so too early, as some do with each piece."""

    @property
    def is_over(self) -> bool:
        """Whether the answer is whole, whatever becomes of the connection."""
        return self.ended and not self.went_on

    def add(self, delta: ModelDelta) -> None:
        if isinstance(delta, BEGINNINGS):
            self.began = True
            self.went_on = self.went_on or self.ended
        self.ended = self.ended or isinstance(delta, FinishDelta)


def _note(feature: MediaFeature, opened: OpenedStream) -> str:
    """What people read where the model was not shown what they sent."""
    if opened.content_refused:
        return MEDIA_FORBIDDEN
    return MEDIA_NOT_TAKEN[feature] if feature in opened.refused else MEDIA_FAILED


def _is_about_images(report: ErrorReport) -> bool:
    """Whether a response failed because of an image in its request.

    https://platform.openai.com/docs/api-reference/responses-streaming/response/failed
    """
    return report.kind == "reported" and any("image" in code for code in report.codes)
