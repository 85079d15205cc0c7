"""Tools whose schemas a server has refused: the others are offered without them.

MCP servers describe their tools as they like, and one schema that is not accepted would otherwise
fail every answer for which tools are offered.
"""

import logging
import re
from dataclasses import replace

from slackbot.expiring_set import ExpiringSet
from slackbot.llm.openai.error_report import ErrorReport
from slackbot.llm.openai.repetition import repeats
from slackbot.llm.openai.request import OpenAIRequest

logger = logging.getLogger(__name__)

_INVALID_SCHEMA = re.compile(r"invalid schema for function '([\w-]+)'", re.IGNORECASE)


class RejectedTools:
    def __init__(self) -> None:
        self._names: ExpiringSet[tuple[str, str]] = ExpiringSet()
        """By model and tool."""

    def names(self, model: str, now: float) -> frozenset[str]:
        """The names of the tools that are known to be refused for a model."""
        return frozenset(tool for name, tool in self._names.current(now) if name == model)

    def omit_from(self, request: OpenAIRequest, now: float) -> OpenAIRequest:
        """The same request, without the tools that are known to be refused."""
        known = self.names(request.model, now)
        tools = tuple(tool for tool in request.prompt.tools if tool.name not in known)
        return replace(request, prompt=replace(request.prompt, tools=tools))

    def named_in(self, error: ErrorReport, request: OpenAIRequest) -> str | None:
        """The tool of a request whose schema an error calls invalid."""
        if error.status not in {400, 422} or repeats(error.text, request.texts):
            return None
        name = match[1] if (match := _INVALID_SCHEMA.search(error.text)) else None
        return name if name in {tool.name for tool in request.prompt.tools} else None

    def learn(self, request: OpenAIRequest, error: ErrorReport, now: float) -> bool:
        """Remembers such an error; true if the request is to be made again without that tool."""
        name = self.named_in(error, request)
        if name is not None:
            logger.warning("The model's server does not take the schema of the tool %s", name)
            self._names.add([(request.model, name)], now)
        return name is not None
