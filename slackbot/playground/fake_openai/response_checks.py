"""Checks the input of a request to the Responses API as OpenAI's server does.

https://platform.openai.com/docs/api-reference/responses/create
"""

from collections.abc import Iterator, Mapping
from typing import Any

from slackbot.playground.fake_openai.content_checks import input_problem_of
from slackbot.playground.fake_openai.script import Refusal
from slackbot.playground.fake_openai.violations import invalid

ROLES = ("developer", "system", "user", "assistant")
UNKNOWN_PARAMETERS = (
    "messages",
    "stream_options",
    "max_completion_tokens",
    "n",
    "reasoning_effort",
)
"""Parameters of chat completions that the Responses API does not know."""

PART_TYPES = {
    "assistant": {"output_text", "refusal"},
    "developer": {"input_text"},
    "system": {"input_text"},
    "user": {"input_text", "input_image", "input_file"},
}
MIN_OUTPUT_TOKENS = 16
MAX_ID_CHARACTERS = 64


def about_input(request: Mapping[str, Any]) -> Iterator[Refusal]:
    """Yields the violations in a body, apart from its model and tools."""
    for name in UNKNOWN_PARAMETERS:
        if name in request:
            yield Refusal(message=f"Unknown parameter: '{name}'.", param=name)
    limit = request.get("max_output_tokens")
    if limit is not None and (not isinstance(limit, int) or limit < MIN_OUTPUT_TOKENS):
        yield invalid("max_output_tokens", f"Expected a value >= {MIN_OUTPUT_TOKENS}.")
    items = request.get("input")
    if not isinstance(items, list) or not items:
        yield invalid("input", "Expected an array with at least one item.")
        return
    awaited: set[str] = set()
    for number, item in enumerate(items):
        follower = items[number + 1] if number + 1 < len(items) else {}
        yield from _about_item(f"input[{number}]", item, follower, awaited)
    for call in sorted(awaited):
        yield invalid("input", f"No tool output found for function call {call}.")


def _about_item(where: str, item: Any, follower: Any, awaited: set[str]) -> Iterator[Refusal]:
    match item:
        case {"type": "function_call", "call_id": str(call), "name": str(), "arguments": str()}:
            if not 0 < len(call) <= MAX_ID_CHARACTERS:
                yield invalid(f"{where}.call_id", f"Expected up to {MAX_ID_CHARACTERS} characters.")
            awaited.add(call)
        case {"type": "function_call_output", "call_id": str(call), "output": str()}:
            if call not in awaited:
                yield invalid(where, f"No tool call found for function call output {call}.")
            awaited.discard(call)
        case {"type": "reasoning", "encrypted_content": str(), "summary": list()}:
            if follower.get("type") not in {"function_call", "reasoning"}:
                yield invalid(where, "A reasoning item without its required following item.")
        case {"role": str(role), "content": content} if role in ROLES:
            if item.keys() - {"role", "content", "type"}:
                yield invalid(where, f"Unknown parameter in {sorted(item)}.")
            yield from _about_content(where, role, content)
        case _:
            yield invalid(where, "Expected a message, a call, or a call's output.")


def _about_content(where: str, role: str, content: Any) -> Iterator[Refusal]:
    if isinstance(content, str):
        return
    kinds = {part.get("type") for part in content} if isinstance(content, list) else set()
    if not kinds or not kinds <= PART_TYPES[role]:
        yield invalid(f"{where}.content", "Expected a string or an array of content parts.")
        return
    for number, part in enumerate(content):
        if problem := input_problem_of(part):
            yield invalid(f"{where}.content[{number}]", problem)
