"""Which API a request goes to: Chat Completions, or the newer Responses API."""

import re
from typing import Literal

from slackbot.config import Api
from slackbot.expiring_set import ExpiringSet
from slackbot.llm.openai.error_report import ErrorReport
from slackbot.llm.openai.request import OpenAIRequest

ApiPath = Literal["/chat/completions", "/responses"]

CHAT_COMPLETIONS: ApiPath = "/chat/completions"
RESPONSES: ApiPath = "/responses"

FIRST_VERSION_WITHOUT_CHAT_TOOLS = (5, 4)
"""gpt-5.4 and later reason, and refuse function tools in chat completions when they do."""

REDIRECTING_STATUSES = frozenset({400, 404, 422, 501})
"""Other statuses say that the server can't answer now."""

_GPT_VERSION = re.compile(r"(?:ft:)?gpt-(\d+)(?:\.(\d+))?(?![\da-z])")
_USE_RESPONSES = re.compile(r"/v1/responses|\bresponses api\b", re.IGNORECASE)


class ApiSelector:
    def __init__(self, api: Api, *, official: bool) -> None:
        """`official`: the server is OpenAI's own."""
        self._api = api
        self._official = official
        self._redirected: ExpiringSet[str] = ExpiringSet()
        """Models whose server has pointed to the Responses API, where they answered then."""

    def path(self, request: OpenAIRequest, now: float) -> ApiPath:
        if self._api != "auto":
            return RESPONSES if self._api == "responses" else CHAT_COMPLETIONS
        if request.prompt.aloud or request.prompt.has_audio:
            return CHAT_COMPLETIONS
        if request.prompt.search and self.can_search:
            return RESPONSES
        needs_responses = request.model in self._redirected.current(now) or (
            self._official and takes_tools_in_responses_only(request.model)
        )
        return RESPONSES if request.uses_tools and needs_responses else CHAT_COMPLETIONS

    @property
    def can_search(self) -> bool:
        """Whether the server can be asked to search the web: OpenAI's own can, and so can one that
        was configured as speaking the Responses API.
        """
        return self._api == "responses" or (self._api == "auto" and self._official)

    def redirects(self, request: OpenAIRequest, path: ApiPath, error: ErrorReport) -> bool:
        """Whether an error of chat completions says that the Responses API takes the request."""
        if self._api != "auto" or not request.uses_tools or path == RESPONSES:
            return False
        return error.status in REDIRECTING_STATUSES and bool(_USE_RESPONSES.search(error.text))

    def learn(self, request: OpenAIRequest, now: float) -> None:
        """Remembers that the Responses API has answered such a request."""
        self._redirected.add([request.model], now)


def takes_tools_in_responses_only(model: str) -> bool:
    """Whether a model of OpenAI's is known to take function tools in the Responses API alone."""
    version = _GPT_VERSION.match(model)
    if version is None:
        return False
    return (int(version[1]), int(version[2] or 0)) >= FIRST_VERSION_WITHOUT_CHAT_TOOLS
