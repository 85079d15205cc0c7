"""From an event of a streamed response to its deltas, the same as those of chat completions.

https://platform.openai.com/docs/api-reference/responses-streaming
"""

from collections.abc import Iterator, Mapping
from typing import Any

from slackbot.conversation.deltas import (
    FinishDelta,
    ModelDelta,
    RefusalDelta,
    SourceDelta,
    TextDelta,
    TokenUsage,
    ToolCallDelta,
    UsageDelta,
    WebSearchDelta,
)
from slackbot.conversation.history import FinishReason
from slackbot.llm.openai.json_fields import count, field, number, text

FINISH_REASONS: Mapping[str, FinishReason] = {
    "max_output_tokens": "length",
    "content_filter": "content_filter",
}
"""By the reason for which a response is incomplete."""


class ResponseFailedError(Exception):
    """The server reports in the stream that it failed; `error` is its object that says how.

    Some servers send a sentence instead of an object.
    """

    def __init__(self, error: object) -> None:
        super().__init__()
        self.error: Mapping[str, Any] = error if isinstance(error, dict) else {"message": error}


def deltas(event: object) -> Iterator[ModelDelta]:
    """What is not understood yields nothing. Raises ResponseFailedError."""
    match text(event, "type"):
        case "response.output_text.delta" if written := text(event, "delta"):
            yield TextDelta(written)
        case "response.refusal.delta" if written := text(event, "delta"):
            yield RefusalDelta(written)
        case "response.web_search_call.in_progress" | "response.web_search_call.searching":
            yield WebSearchDelta()
        case "response.output_text.annotation.added" if (
            text(annotation := field(event, "annotation"), "type") == "url_citation"
        ):
            yield SourceDelta(text(annotation, "url"), text(annotation, "title"))
        case "response.output_item.added" if (
            text(item := field(event, "item"), "type") == "function_call"
        ):
            index = number(event, "output_index")
            yield ToolCallDelta(index, text(item, "call_id"), text(item, "name"))
        case "response.function_call_arguments.delta":
            index = number(event, "output_index")
            yield ToolCallDelta(index, arguments=text(event, "delta"))
        case "response.completed" | "response.incomplete":
            yield from _finish(field(event, "response"))
        case "response.failed":
            raise ResponseFailedError(field(field(event, "response"), "error"))
        case "error":
            raise ResponseFailedError(event)


def _finish(response: object) -> Iterator[ModelDelta]:
    reason = text(field(response, "incomplete_details"), "reason")
    yield FinishDelta(FINISH_REASONS.get(reason, "stop"))
    if usage := field(response, "usage"):
        yield UsageDelta(
            TokenUsage(
                prompt=count(usage, "input_tokens"),
                completion=count(usage, "output_tokens"),
                cached=count(field(usage, "input_tokens_details"), "cached_tokens"),
                reasoning=count(field(usage, "output_tokens_details"), "reasoning_tokens"),
            ),
        )
