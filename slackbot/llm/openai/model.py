"""The model behind an OpenAI-compatible server, as a stream of deltas.

https://platform.openai.com/docs/api-reference/chat
"""

import asyncio
import logging
import re
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing

from openai import APIStatusError, AsyncStream

from slackbot.config import Api
from slackbot.conversation.deltas import (
    FinishDelta,
    ModelDelta,
    NoteDelta,
    RefusalDelta,
    TextDelta,
    ToolCallDelta,
    WebSearchDelta,
)
from slackbot.errors import ModelError
from slackbot.llm.openai import chat_chunks, response_events, response_request
from slackbot.llm.openai.api_selector import RESPONSES, ApiSelector
from slackbot.llm.openai.chat_request import ChatRequest, Feature
from slackbot.llm.openai.client import RETRIES, connect
from slackbot.llm.openai.error_report import FAILURES, ErrorReport
from slackbot.llm.openai.feature_negotiation import FeatureNegotiation
from slackbot.llm.openai.model_errors import error_for, may_be_the_form
from slackbot.llm.openai.model_list import talking
from slackbot.llm.openai.reasoning_cache import ReasoningCache, ReasoningRecorder
from slackbot.llm.openai.rejected_tools import RejectedTools
from slackbot.llm.prompt import Prompt, PromptMessage

logger = logging.getLogger(__name__)

AFTERWARDS = 2.0
"""Seconds that a complete answer waits for the report of what it cost."""

UNSEEN: Mapping[Feature, str] = {
    "image_url": "This model can't see pictures: it was only told their names.",
    "file": "This model can't look at PDF documents, and there is one that holds no text.",
    "input_audio": "This model can't hear recordings: it was only told their names.",
}
"""What the person is told of the enclosures that a model does not take."""

FORBIDDEN = "The model was not shown what is enclosed: its provider does not allow that."
"""The same of those that it would not take this time."""

AUDIO = re.compile(r"(?<![a-z])audio(?![a-z])", re.IGNORECASE)
"""In the names of the models that hear and speak, such as gpt-audio-1.5."""

BEGINNINGS = (TextDelta, RefusalDelta, WebSearchDelta, ToolCallDelta)
"""The deltas with which an answer has begun."""

GREETING = Prompt(
    (PromptMessage("developer", "Answer with one word."), PromptMessage("user", "Hello"))
)
GREETING_TOKENS = 16


class OpenAIModel:
    """One model on one server, and what was learned about them."""

    def __init__(
        self,
        *,
        name: str,
        api_key: str,
        base_url: str | None = None,
        stall: float = 60.0,
        api: Api = "auto",
    ) -> None:
        """`stall` is how many seconds the next piece of an answer, or the response to each
        attempt of a request, may take.
        """
        self.name = name
        self._stall = stall
        self._client = connect(api_key, base_url, stall)
        self._official = _is_openais(self._client.base_url.host)
        self._api_selector = ApiSelector(api, official=self._official)
        self._reasoning = ReasoningCache()
        self._rejected_tools = RejectedTools()
        self._proven: dict[tuple[str, str], frozenset[Feature]] = {}
        """By model and way, what a request has succeeded with: none fails for it, unless it says
        so.
        """
        self._refused: dict[tuple[str, str], frozenset[Feature]] = {}
        """What the server refuses, by the same."""

    @property
    def searches(self) -> bool:
        """Whether the server may be asked to search the web."""
        return self._api_selector.search

    async def close(self) -> None:
        await self._client.close()

    async def check(self) -> None:
        """Has the model say a word. Raises ModelError."""
        async for _ in self._answer(ChatRequest(self.name, GREETING, limit=GREETING_TOKENS)):
            pass

    async def names(self) -> Sequence[str]:
        """The models that the server has, in order, as far as they may talk. Raises ModelError.

        https://platform.openai.com/docs/api-reference/models/list
        """
        try:
            page = await self._client.get("/models", cast_to=object, options={"max_retries": 0})
        except FAILURES as error:
            raise self._told(ErrorReport.of(error), self.name, began=False) from error
        return talking(page)

    def hears(self, model: str) -> bool:
        """Whether recordings are sent to that model as they are; "" is the usual one."""
        return AUDIO.search(model or self.name) is not None

    def stream(
        self, prompt: Prompt, *, model: str = "", cache_key: str = ""
    ) -> AsyncGenerator[ModelDelta, None]:
        """The answer piece by piece; closing the generator stops the server. `model` is the name
        of another one than the usual.

        Requests with the same `cache_key`, at most 64 characters, share OpenAI's prompt cache:
        https://platform.openai.com/docs/guides/prompt-caching
        Raises ModelError, after what had arrived, and ContextOverflowError, before anything did.
        """
        key = cache_key if self._official else ""
        return self._answer(ChatRequest(model or self.name, prompt, key))

    async def _answer(self, request: ChatRequest) -> AsyncGenerator[ModelDelta, None]:
        began = ended = False
        reasoning = ReasoningRecorder(self._reasoning, request.model)
        try:
            path, form, opened = await self._open(request)
            read = response_events.deltas if path == RESPONSES else chat_chunks.deltas
            async with opened as stream:
                for feature in request.unseen(_left_out(form, path)):
                    yield NoteDelta(FORBIDDEN if form.once else UNSEEN[feature])
                while (chunk := await self._next(stream, ended=ended)) is not None:
                    reasoning.hear(chunk)
                    for delta in read(chunk):
                        began = began or isinstance(delta, BEGINNINGS)
                        ended = ended or isinstance(delta, FinishDelta)
                        yield delta
        except FAILURES as error:
            report = ErrorReport.of(error)
            if not began and request.blind != request and _is_about_pictures(report):
                yield NoteDelta(FORBIDDEN)
                async with aclosing(self._answer(request.blind)) as deltas:
                    async for delta in deltas:
                        yield delta
            # Once the model has ended, the answer is whole, whatever becomes of the connection.
            elif not ended:
                raise self._told(report, request.model, began=began) from error
        else:
            if not ended:
                report = ErrorReport("connection" if began else "unreadable")
                raise self._told(report, request.model, began=began)

    async def _next(self, stream: AsyncStream[object], *, ended: bool) -> object:
        """The next chunk, None after the last. Comments that keep a connection alive don't count.

        Raises TimeoutError.
        """
        async with asyncio.timeout(min(AFTERWARDS, self._stall) if ended else self._stall):
            return await anext(stream, None)

    async def _open(
        self, request: ChatRequest
    ) -> tuple[str, FeatureNegotiation, AsyncStream[object]]:
        """The way that the request went, in which form, and the stream that was opened."""
        request = self._rejected_tools.fitting(request)
        path = self._api_selector.path(request)
        way = request.model, path
        features = tuple(
            response_request.features(request) if path == RESPONSES else request.features
        )
        used = frozenset(features)
        known = self._refused.get(way, frozenset())
        proven = self._proven.get(way, frozenset())
        form = FeatureNegotiation(features, known, used if self._official else proven)
        try:
            try:
                stream = await self._post(request, path, form, retries=RETRIES)
            except APIStatusError as error:
                stream = await self._negotiate(request, path, form, error)
        except APIStatusError as error:
            text = ErrorReport.of(error).text
            if self._rejected_tools.learn(request, text) or self._api_selector.learn(request, text):
                return await self._open(request)
            raise
        self._proven[way] = proven | (used - form.without)
        if given_up := form.without - known:
            often = " this time" if form.once else ""
            names = ", ".join(sorted(given_up))
            logger.warning("Model %s takes no %s%s", request.model, names, often)
        self._refused[way] = known if form.once else known | form.without
        return path, form, stream

    async def _negotiate(
        self, request: ChatRequest, path: str, form: FeatureNegotiation, first: APIStatusError
    ) -> AsyncStream[object]:
        """Repeats a refused request in other forms. Where none is taken, the first error counts."""
        error = first
        while may_be_the_form(report := ErrorReport.of(error)):
            if self._rejected_tools.found(request, report.text) is not None:
                raise error
            if self._api_selector.points_elsewhere(request, report.text):
                raise error
            if not form.refused(report.text):
                raise first
            try:
                return await self._post(request, path, form, retries=0)
            except APIStatusError as again:
                error = again
        raise error

    async def _post(
        self, request: ChatRequest, path: str, form: FeatureNegotiation, *, retries: int
    ) -> AsyncStream[object]:
        # Not `chat.completions.create`: its models of chunks cost five times what their JSON does,
        # and break where a server leaves a field out.
        if path == RESPONSES:
            body = response_request.body(request, form.without, self._reasoning)
        else:
            body = request.body(form.without)
        return await self._client.post(
            path,
            cast_to=object,
            body=body,
            options={"max_retries": retries},
            stream=True,
            stream_cls=AsyncStream[object],
        )

    def _told(self, report: ErrorReport, model: str, *, began: bool) -> ModelError:
        logger.warning(
            "No answer from model %s: %s, status %s, code %s, request %s",
            model,
            report.kind,
            report.status,
            "/".join(report.codes) or None,
            report.request_id or None,
        )
        return error_for(report, model, began=began)


def _left_out(form: FeatureNegotiation, path: str) -> frozenset[Feature]:
    """What a request that was taken went without; the Responses API has no sound at all."""
    return form.without | {"input_audio"} if path == RESPONSES else form.without


def _is_about_pictures(report: ErrorReport) -> bool:
    """Whether a response has failed for a picture that it was to be made of.

    https://platform.openai.com/docs/api-reference/responses-streaming/response/failed
    """
    return report.kind == "reported" and any("image" in code for code in report.codes)


def _is_openais(host: str) -> bool:
    return host == "api.openai.com" or host.endswith((".openai.com", ".openai.azure.com"))
