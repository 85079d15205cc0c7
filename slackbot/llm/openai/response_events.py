"""From an event of a streamed response to the deltas in it, the same as those of chat completions.

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
from slackbot.llm.openai.json_fields import field, number, text

ENDINGS: Mapping[str, FinishReason] = {
    "max_output_tokens": "length",
    "content_filter": "content_filter",
}
"""By the reason for which a response is incomplete."""


class ResponseFailedError(Exception):
    """The server reports in the stream that it failed; `error` is the object that says how."""

    def __init__(self, error: Mapping[str, Any]) -> None:
        super().__init__()
        self.error = error


def deltas(event: object) -> Iterator[ModelDelta]:
    """What was said, called, and how it ended. What can't be understood yields nothing.

    Raises ResponseFailedError.
    """
    match text(event, "type"):
        case "response.output_text.delta" if said := text(event, "delta"):
            yield TextDelta(said)
        case "response.refusal.delta" if said := text(event, "delta"):
            yield RefusalDelta(said)
        case "response.web_search_call.in_progress" | "response.web_search_call.searching":
            yield WebSearchDelta()
        case "response.output_text.annotation.added" if (
            text(note := field(event, "annotation"), "type") == "url_citation"
        ):
            yield SourceDelta(text(note, "url"), text(note, "title"))
        case "response.output_item.added" if (
            text(item := field(event, "item"), "type") == "function_call"
        ):
            place = number(event, "output_index")
            yield ToolCallDelta(place, text(item, "call_id"), text(item, "name"))
        case "response.function_call_arguments.delta":
            place = number(event, "output_index")
            yield ToolCallDelta(place, arguments=text(event, "delta"))
        case "response.completed" | "response.incomplete" as kind:
            yield from _end(field(event, "response"), incomplete=kind.endswith("incomplete"))
        case "response.failed":
            raise ResponseFailedError(field(field(event, "response"), "error") or {})
        case "error":
            raise ResponseFailedError(event if isinstance(event, dict) else {})


def _end(response: object, *, incomplete: bool) -> Iterator[ModelDelta]:
    reason = text(field(response, "incomplete_details"), "reason") if incomplete else ""
    yield FinishDelta(ENDINGS.get(reason, "stop"))
    if usage := field(response, "usage"):
        yield UsageDelta(
            TokenUsage(
                prompt=number(usage, "input_tokens"),
                completion=number(usage, "output_tokens"),
                cached=number(field(usage, "input_tokens_details"), "cached_tokens"),
                reasoning=number(field(usage, "output_tokens_details"), "reasoning_tokens"),
            ),
        )
