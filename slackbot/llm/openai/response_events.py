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


def deltas(event: object, *, began: bool = False) -> Iterator[ModelDelta]:
    """What is not understood yields nothing. Where pieces of the answer came before, it has begun,
    and the whole of it is not read again. Raises ResponseFailedError.
    """
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
        case (
            "response.output_item.added"
            | "response.function_call_arguments.delta"
            | "response.output_item.done"
        ):
            yield from _tool_calls(event)
        case "response.completed" | "response.incomplete":
            yield from _end(field(event, "response"), began=began)
        case "response.failed":
            raise ResponseFailedError(field(field(event, "response"), "error"))
        case "error":
            raise ResponseFailedError(event)
        case "":
            yield from _whole(event)


def _tool_calls(event: object) -> Iterator[ToolCallDelta]:
    index = number(event, "output_index")
    if arguments := text(event, "delta"):
        yield ToolCallDelta(index, arguments=arguments)
    if text(item := field(event, "item"), "type") == "function_call":
        whole = text(item, "arguments")  # not every server has sent them in pieces
        yield ToolCallDelta(index, text(item, "call_id"), text(item, "name"), whole)


def _whole(response: object) -> Iterator[ModelDelta]:
    """The deltas of a response that is not streamed."""
    if text(response, "object") != "response":
        return
    if error := field(response, "error"):
        raise ResponseFailedError(error)
    yield from _end(response, began=False)


def _end(response: object, *, began: bool) -> Iterator[ModelDelta]:
    """The end of a response; if nothing came before it, all that it holds."""
    if not began:
        yield from _output(response)
    yield from _finish(response)


def _output(response: object) -> Iterator[ModelDelta]:
    """What a whole response holds."""
    output = field(response, "output")
    for index, item in enumerate(output if isinstance(output, list) else ()):
        if text(item, "type") == "function_call":
            call_id, name = text(item, "call_id"), text(item, "name")
            yield ToolCallDelta(index, call_id, name, text(item, "arguments"))
        content = field(item, "content") if text(item, "type") == "message" else None
        for part in content if isinstance(content, list) else ():
            if written := text(part, "text"):
                yield TextDelta(written)
            if refusal := text(part, "refusal"):
                yield RefusalDelta(refusal)


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
