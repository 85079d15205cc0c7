"""Opens the stream of an answer: through the API, and in the form, that the server takes.

What a server refuses is remembered, so that the next request is right at once.
"""

import logging
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from slackbot.config import Api
from slackbot.llm.openai import chat_request, response_request
from slackbot.llm.openai.api_selector import CHAT_COMPLETIONS, RESPONSES, ApiPath, ApiSelector
from slackbot.llm.openai.client import MAX_RETRIES, Connection
from slackbot.llm.openai.error_report import ErrorReport, failures
from slackbot.llm.openai.feature_negotiation import FeatureNegotiation
from slackbot.llm.openai.model_errors import may_be_the_form
from slackbot.llm.openai.reasoning_cache import ReasoningCache
from slackbot.llm.openai.rejected_tools import RejectedTools
from slackbot.llm.openai.request import Feature, OpenAIRequest

logger = logging.getLogger(__name__)

if TYPE_CHECKING:
    import httpx2

NEVER_TAKEN: Mapping[ApiPath, frozenset[Feature]] = {
    CHAT_COMPLETIONS: frozenset(),
    RESPONSES: frozenset({"input_audio"}),
}


@dataclass(frozen=True, slots=True)
class OpenedStream:
    path: ApiPath
    without: frozenset[Feature]
    """What the request went without."""
    content_refused: bool
    """It was for this request's content, and may be in the next one."""
    response: "httpx2.Response"


@dataclass(slots=True)
class KnownFeatures:
    """What is known of a model behind one of the server's APIs."""

    proven: frozenset[Feature] = frozenset()
    """A request with them has succeeded: none fails for them, unless its error says so."""
    refused: frozenset[Feature] = frozenset()


class RequestSender:
    def __init__(self, connection: Connection, api: Api, reasoning: ReasoningCache) -> None:
        self._connection = connection
        self._official = connection.is_official
        self._reasoning = reasoning
        self._api_selector = ApiSelector(api, official=self._official)
        self._rejected_tools = RejectedTools()
        self._known: defaultdict[tuple[str, ApiPath], KnownFeatures] = defaultdict(KnownFeatures)

    @property
    def can_search(self) -> bool:
        """Whether the server can be asked to search the web."""
        return self._api_selector.can_search

    async def open(self, request: OpenAIRequest) -> OpenedStream:
        """Raises one of the `failures()`."""
        request = self._rejected_tools.omit_from(request)
        path = self._api_selector.path(request)
        known = self._known[request.model, path]
        requests = response_request if path == RESPONSES else chat_request
        used = frozenset(features := tuple(requests.features(request)))
        form = FeatureNegotiation(features, known.refused, used if self._official else known.proven)
        try:
            response = await self._open_in_some_form(request, path, form)
        except failures() as error:
            report = ErrorReport.of(error)
            if report.kind == "refused" and (
                self._rejected_tools.learn(request, report.text)
                or self._api_selector.learn(request, report.text)
            ):
                return await self.open(request)
            raise
        self._learn(request.model, used, known, form)
        without = form.without | NEVER_TAKEN[path]
        return OpenedStream(path, without, form.content_refused, response)

    def _learn(
        self, model: str, used: frozenset[Feature], known: KnownFeatures, form: FeatureNegotiation
    ) -> None:
        known.proven |= used - form.without
        if left_out := form.without - known.refused:
            names = ", ".join(sorted(left_out))
            when = " this time" if form.content_refused else ""
            logger.warning("Model %s takes no %s%s", model, names, when)
        if not form.content_refused:
            known.refused |= form.without

    async def _open_in_some_form(
        self, request: OpenAIRequest, path: ApiPath, form: FeatureNegotiation
    ) -> "httpx2.Response":
        """Repeats a refused request in other forms. If none is taken the first error counts."""
        try:
            return await self._post(request, path, form, max_retries=MAX_RETRIES)
        except failures() as failure:
            first = error = failure
        while may_be_the_form(report := ErrorReport.of(error)):
            if self._rejected_tools.named_in(report.text, request) is not None:
                raise error
            if self._api_selector.redirects(request, report.text):
                raise error
            if not form.adapt(report.text):
                raise first
            try:
                return await self._post(request, path, form, max_retries=0)
            except failures() as failure:
                error = failure
        raise error

    async def _post(
        self, request: OpenAIRequest, path: ApiPath, form: FeatureNegotiation, *, max_retries: int
    ) -> "httpx2.Response":
        if path == RESPONSES:
            body = response_request.body(request, form.without, self._reasoning)
        else:
            body = chat_request.body(request, form.without)
        return await self._connection.stream(path, body, max_retries=max_retries)
