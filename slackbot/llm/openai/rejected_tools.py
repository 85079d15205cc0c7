"""Tools whose schemas a server has refused: the others are offered without them.

Servers of the Model Context Protocol describe their tools as they like, and one description that is
not taken would otherwise take all the others with it, and every answer.
"""

import logging
import re
from dataclasses import replace

from slackbot.llm.openai.chat_request import ChatRequest

logger = logging.getLogger(__name__)

_NAMED = re.compile(r"invalid schema for function '([\w-]+)'", re.IGNORECASE)


class RejectedTools:
    def __init__(self) -> None:
        self._names: set[str] = set()

    def fitting(self, request: ChatRequest) -> ChatRequest:
        """The same request, without the tools that are known to be refused."""
        tools = tuple(tool for tool in request.prompt.tools if tool.name not in self._names)
        return replace(request, prompt=replace(request.prompt, tools=tools))

    def found(self, request: ChatRequest, error: str) -> str | None:
        """The tool of a request whose schema an error's text calls invalid."""
        name = match[1] if (match := _NAMED.search(error)) else None
        return name if name in {tool.name for tool in request.prompt.tools} else None

    def learn(self, request: ChatRequest, error: str) -> bool:
        """Takes in such an error; true if the request is to be made without that tool."""
        name = self.found(request, error)
        if name is not None:
            logger.warning("The model's server does not take the schema of the tool %s", name)
            self._names.add(name)
        return name is not None
