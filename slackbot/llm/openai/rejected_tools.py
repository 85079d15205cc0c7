"""Tools whose schemas a server has refused: the others are offered without them.

MCP servers describe their tools as they like, and one schema that is not accepted would otherwise
fail every answer for which tools are offered.
"""

import logging
import re
from dataclasses import replace

from slackbot.llm.openai.request import OpenAIRequest

logger = logging.getLogger(__name__)

_INVALID_SCHEMA = re.compile(r"invalid schema for function '([\w-]+)'", re.IGNORECASE)


class RejectedTools:
    def __init__(self) -> None:
        self._names: set[str] = set()

    def omit_from(self, request: OpenAIRequest) -> OpenAIRequest:
        """The same request, without the tools that are known to be refused."""
        tools = tuple(tool for tool in request.prompt.tools if tool.name not in self._names)
        return replace(request, prompt=replace(request.prompt, tools=tools))

    def named_in(self, error: str, request: OpenAIRequest) -> str | None:
        """The tool of a request whose schema an error's text calls invalid."""
        name = match[1] if (match := _INVALID_SCHEMA.search(error)) else None
        return name if name in {tool.name for tool in request.prompt.tools} else None

    def learn(self, request: OpenAIRequest, error: str) -> bool:
        """Remembers such an error; true if the request is to be made again without that tool."""
        name = self.named_in(error, request)
        if name is not None:
            logger.warning("The model's server does not take the schema of the tool %s", name)
            self._names.add(name)
        return name is not None
