"""The two ways to one stream of deltas: Chat Completions, and the Responses API."""

import re

from slackbot.config import Api
from slackbot.llm.openai.chat_request import ChatRequest

CHAT = "/chat/completions"
RESPONSES = "/responses"

FIRST_THAT_NEEDS_IT = (5, 4)
"""gpt-5.4 and later reason, and refuse function tools in chat completions when they do."""

_GPT = re.compile(r"(?:ft:)?gpt-(\d+)(?:\.(\d+))?(?![\da-z])")
_POINTED_TO = re.compile(r"/v1/responses|\bresponses api\b", re.IGNORECASE)


class ApiSelector:
    """Which way a request goes."""

    def __init__(self, api: Api, *, official: bool) -> None:
        """`official`: to OpenAI's own server."""
        self._api = api
        self._official = official
        self._learned: set[str] = set()
        """Models whose server has pointed to the Responses API."""

    def path(self, request: ChatRequest) -> str:
        if self._api != "auto":
            return RESPONSES if self._api == "responses" else CHAT
        sound = request.prompt.aloud or request.prompt.is_heard
        if request.prompt.search and self.search and not sound:
            return RESPONSES
        needed = (
            request.uses_tools
            and not sound
            and (
                request.model in self._learned
                or (self._official and needs_responses(request.model))
            )
        )
        return RESPONSES if needed else CHAT

    @property
    def search(self) -> bool:
        """Whether there is a way on which the web can be searched: by OpenAI's own server, or by
        one of which somebody has said that it speaks the Responses API.
        """
        return self._api == "responses" or (self._api == "auto" and self._official)

    def points_elsewhere(self, request: ChatRequest, error: str) -> bool:
        """Whether an error's text says that the request had better gone the other way."""
        if self._api != "auto" or not request.uses_tools or self.path(request) == RESPONSES:
            return False
        return _POINTED_TO.search(error) is not None

    def learn(self, request: ChatRequest, error: str) -> bool:
        """Takes in such an error; true if the request is to go the other way from now on."""
        points = self.points_elsewhere(request, error)
        if points:
            self._learned.add(request.model)
        return points


def needs_responses(model: str) -> bool:
    """Whether a model of OpenAI's is known to take function tools in the Responses API alone."""
    version = _GPT.match(model)
    return version is not None and ((int(version[1]), int(version[2] or 0)) >= FIRST_THAT_NEEDS_IT)
