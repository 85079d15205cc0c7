"""Opens the stream of an answer: through the API, and in the form, that the server takes.

What a server says that it refuses is remembered, so that the next request is right at once.
"""

import logging
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from slackbot.config import Api
from slackbot.llm.openai import chat_request, response_request
from slackbot.llm.openai.api_selector import CHAT_COMPLETIONS, RESPONSES, ApiPath, ApiSelector
from slackbot.llm.openai.client import MAX_RETRIES, Connection
from slackbot.llm.openai.error_report import ErrorReport, failures
from slackbot.llm.openai.feature_memory import FeatureMemory, RejectionReason
from slackbot.llm.openai.feature_negotiation import FeatureNegotiation, is_content_refused
from slackbot.llm.openai.media import InputKey
from slackbot.llm.openai.media_errors import media_problem
from slackbot.llm.openai.model_errors import may_be_the_form
from slackbot.llm.openai.reasoning_cache import ReasoningCache
from slackbot.llm.openai.rejected_tools import RejectedTools
from slackbot.llm.openai.repetition import repeats
from slackbot.llm.openai.request import Feature, OpenAIRequest

logger = logging.getLogger(__name__)

if TYPE_CHECKING:
    import httpx2

NEVER_TAKEN: Mapping[ApiPath, frozenset[Feature]] = {
    CHAT_COMPLETIONS: frozenset(),
    RESPONSES: frozenset({"input_audio"}),
}


OmissionReason = Literal[RejectionReason, "surplus"]
"""Why an input is left out; `surplus` if there were too many for one request."""


@dataclass(frozen=True, slots=True)
class OpenedStream:
    path: ApiPath
    without: frozenset[Feature]
    """What the request went without."""
    omitted: Mapping[InputKey, OmissionReason]
    """Its media that were left out."""
    response: "httpx2.Response"


class RequestSender:
    def __init__(
        self,
        connection: Connection,
        api: Api,
        reasoning: ReasoningCache,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`clock` gives seconds and only goes forward."""
        self._connection = connection
        self._official = connection.is_official
        self._reasoning = reasoning
        self._clock = clock
        self._api_selector = ApiSelector(api, official=self._official)
        self._rejected_tools = RejectedTools()
        self._memory: defaultdict[tuple[str, ApiPath], FeatureMemory] = defaultdict(FeatureMemory)

    @property
    def can_search(self) -> bool:
        """Whether the server can be asked to search the web."""
        return self._api_selector.can_search

    def left_out(self, model: str) -> frozenset[Feature]:
        """What the model is known to refuse, in either API."""
        now = self._clock()
        known = (each.left_out(now) for (name, _), each in self._memory.items() if name == model)
        return frozenset().union(*known)

    def refused_tools(self, model: str) -> frozenset[str]:
        """The names of the tools whose schemas were refused for a model."""
        return self._rejected_tools.names(model, self._clock())

    async def open(self, request: OpenAIRequest) -> OpenedStream:
        """Raises one of the `failures()`."""
        request = self._rejected_tools.omit_from(request, self._clock())
        path = self._api_selector.path(request, self._clock())
        try:
            return await self._open(request, path)
        except failures() as error:
            report = ErrorReport.of(error)
            if self._rejected_tools.learn(request, report, self._clock()):
                return await self.open(request)
            if not self._api_selector.redirects(request, path, report):
                raise
        opened = await self._open(request, RESPONSES)
        self._api_selector.learn(request, self._clock())
        return opened

    async def _open(self, request: OpenAIRequest, path: ApiPath) -> OpenedStream:
        memory = self._memory[request.model, path]
        requests = response_request if path == RESPONSES else chat_request
        features = tuple(requests.features(request))
        form = memory.negotiation(
            features, self._clock(), official=self._official, inputs=request.inputs
        )
        response = await self._open_in_some_form(request, path, form)
        now = self._clock()
        before = memory.refused(now)
        memory.learn(form, now)
        self._log(request.model, form, before, memory.refused(now))
        if "encrypted_content" in form.without:
            self._reasoning.forget(request)
        rejected = memory.rejected(now)
        omitted: dict[InputKey, OmissionReason] = {
            key: rejected.get(key, "surplus") for key in form.media.omitted
        }
        return OpenedStream(path, form.without | NEVER_TAKEN[path], omitted, response)

    def learn_from_stream(
        self, request: OpenAIRequest, opened: OpenedStream, error: ErrorReport
    ) -> bool:
        """Remembers what an error at the beginning of a stream says about its media; true if the
        request is to be made again, which leaves that out.

        Some servers look at a picture only after they have answered 200.
        """
        taken = [each for each in request.inputs if each.key not in opened.omitted]
        problem = media_problem(error, {each.feature for each in taken} - opened.without)
        if error.kind != "reported" or problem is None:
            return False
        memory, now = self._memory[request.model, opened.path], self._clock()
        teaches = not repeats(error.text, request.texts)
        if problem.kind == "refused" and teaches:
            memory.refuse(problem.feature, now)
            return True
        suspects = [each for each in taken if each.feature == problem.feature]
        if problem.kind == "count" and teaches and 0 < problem.limit < len(suspects):
            memory.limit_images(problem.limit, now)
            return True
        new = [each for each in suspects if each.is_new] or suspects
        reason: RejectionReason = "forbidden" if is_content_refused(error) else "unreadable"
        memory.reject([each.key for each in new], reason, now)
        return True

    def _log(
        self,
        model: str,
        form: FeatureNegotiation,
        before: frozenset[Feature],
        refused: frozenset[Feature],
    ) -> None:
        for left_out, when in ((refused - before, ""), (form.without - refused, " this time")):
            if left_out:
                logger.warning("Model %s takes no %s%s", model, ", ".join(sorted(left_out)), when)
        if rejected := form.media.newly_rejected:
            logger.warning("Model %s did not take %d of a request's files", model, len(rejected))

    async def _open_in_some_form(
        self, request: OpenAIRequest, path: ApiPath, form: FeatureNegotiation
    ) -> "httpx2.Response":
        """Repeats a refused request in other forms. If none is taken the first error counts."""
        try:
            return await self._first_post(request, path, form)
        except failures() as failure:
            first = error = failure
        while True:
            report = ErrorReport.of(error)
            if not form.drop_limit(report):
                self._adapt(request, path, form, error, first)
            try:
                return await self._post(request, path, form, max_retries=0)
            except failures() as failure:
                error = failure

    def _adapt(
        self,
        request: OpenAIRequest,
        path: ApiPath,
        form: FeatureNegotiation,
        error: Exception,
        first: Exception,
    ) -> None:
        """Changes the form after an error, or raises it; the first one if no form is left."""
        report = ErrorReport.of(error)
        if not may_be_the_form(report):
            raise error
        if self._rejected_tools.named_in(report, request) is not None:
            raise error
        if self._api_selector.redirects(request, path, report):
            raise error
        if not form.adapt(report, repeats_request=repeats(report.text, request.texts)):
            raise first

    async def _first_post(
        self, request: OpenAIRequest, path: ApiPath, form: FeatureNegotiation
    ) -> "httpx2.Response":
        """Does not wait and try again where another form has helped lately."""
        if form.fallback:
            try:
                return await self._post(request, path, form, max_retries=0)
            except failures() as failure:
                if may_be_the_form(ErrorReport.of(failure)):
                    raise
        return await self._post(request, path, form, max_retries=MAX_RETRIES)

    async def _post(
        self, request: OpenAIRequest, path: ApiPath, form: FeatureNegotiation, *, max_retries: int
    ) -> "httpx2.Response":
        request = request.without_inputs(form.media.omitted)
        if path == RESPONSES:
            body = response_request.body(request, form.without, self._reasoning)
        else:
            body = chat_request.body(request, form.without)
        if request.whole:
            body = {**body, "stream": False}
            body.pop("stream_options", None)
        return await self._connection.stream(path, body, max_retries=max_retries)
