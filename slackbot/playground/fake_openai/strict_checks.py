"""Checks messages as servers do that take less than OpenAI's.

Each check is one demand of real servers, in the words with which they refuse a request. A server
with several of them has several checks: `RequestRules(strict=frozenset({"alternating_roles",
"no_system_role"}))` is Gemma's chat template.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, Literal

Json = Mapping[str, Any]

Strictness = Literal[
    "alternating_roles",
    "starts_with_user",
    "no_system_role",
    "system_first",
    "no_user_after_tool",
    "no_blank_content",
    "no_null_content",
    "no_text_with_calls",
    "single_calls",
    "nine_character_ids",
    "no_tool_role",
]

_NINE_CHARACTERS = re.compile(r"[a-zA-Z0-9]{9}")


def strict_problem(messages: Sequence[Json], strict: frozenset[Strictness]) -> str | None:
    """The first problem of valid messages with a server that has these demands, or None."""
    found = (problem for name in STRICT_CHECKS if name in strict for problem in _of(name, messages))
    return next(found, None)


def strict_input_problem(items: Sequence[Json], strict: frozenset[Strictness]) -> str | None:
    """The same for the valid input of a request to the Responses API."""
    return strict_problem([*_as_messages(items)], strict)


def _as_messages(items: Sequence[Json]) -> Iterator[Json]:
    """What the items would be in a chat completion: neighbouring calls are one message."""
    calls: list[Json] = []
    for item in (*items, {}):
        kind = item.get("type")
        if kind == "function_call":
            calls.append({"id": item["call_id"]})
            continue
        if calls:
            yield {"role": "assistant", "tool_calls": calls}
            calls = []
        if kind == "function_call_output":
            yield {"role": "tool", "content": item["output"]}
        elif "role" in item:
            yield item


def _of(name: Strictness, messages: Sequence[Json]) -> Iterator[str]:
    return STRICT_CHECKS[name](messages)


def _alternating_roles(messages: Sequence[Json]) -> Iterator[str]:
    """The chat templates of Mistral and Gemma: a user begins, and the two take turns.

    Calls and their results don't count. Only `system` may come before.
    """
    said = [each for each in _after_system(messages) if _is_turn(each)]
    for number, message in enumerate(said):
        if (message["role"] == "user") != (number % 2 == 0):
            yield "Conversation roles must alternate user/assistant/user/assistant/..."


def _is_turn(message: Json) -> bool:
    return message["role"] != "tool" and not message.get("tool_calls")


def _starts_with_user(messages: Sequence[Json]) -> Iterator[str]:
    """Bedrock's Converse API; Anthropic's and Gemini's say the same in other words.

    https://docs.aws.amazon.com/bedrock/latest/userguide/conversation-inference-call.html
    """
    rest = _after_system(messages)
    if not rest or rest[0]["role"] != "user":
        yield (
            "A conversation must start with a user message. Try again with a conversation that "
            "starts with a user message."
        )


def _no_system_role(messages: Sequence[Json]) -> Iterator[str]:
    """The chat template of Gemma 2."""
    if messages[0]["role"] in {"system", "developer"}:
        yield "System role not supported"


def _system_first(messages: Sequence[Json]) -> Iterator[str]:
    """The chat templates of Qwen: a single one, at the beginning."""
    if any(each["role"] in {"system", "developer"} for each in messages[1:]):
        yield "System message must be at the beginning."


def _no_user_after_tool(messages: Sequence[Json]) -> Iterator[str]:
    """Mistral's API: only the model speaks after a result, and never last.

    https://github.com/mistralai/mistral-common has the rules, in `protocol/instruct/validator.py`.
    """
    for before, message in pairwise(messages):
        if (before["role"], message["role"]) == ("tool", "user"):
            yield "Unexpected role 'user' after role 'tool'"
    if messages[-1]["role"] not in {"user", "tool"}:
        yield (
            "Expected last role User or Tool (or Assistant with prefix True) for serving but got "
            f"{messages[-1]['role']}"
        )


def _no_blank_content(messages: Sequence[Json]) -> Iterator[str]:
    """Bedrock's Converse API, also behind LiteLLM and other gateways."""
    for number, message in enumerate(messages):
        content = message.get("content")
        if content is None and not message.get("tool_calls"):
            yield (
                f"The content field in the Message object at messages.{number} is empty. Add a "
                "ContentBlock object to the content field and try again."
            )
        blocks = [content] if isinstance(content, str) else content or ()
        for place, block in enumerate(blocks):
            text = block if isinstance(block, str) else block.get("text", "-")
            if not text.strip():
                yield (
                    f"The text field in the ContentBlock object at messages.{number}.content."
                    f"{place} is blank. Add text to the text field, and try again."
                )


def _no_null_content(messages: Sequence[Json]) -> Iterator[str]:
    """Servers that require the field of every message, and a text in it."""
    if any(each.get("content") is None for each in messages):
        yield "Input should be a valid string: body.messages.content"


def _no_text_with_calls(messages: Sequence[Json]) -> Iterator[str]:
    """Mistral's older models."""
    for message in messages:
        if message.get("tool_calls") and message.get("content"):
            yield "Assistant message must have either content or tool_calls, but not both."


def _single_calls(messages: Sequence[Json]) -> Iterator[str]:
    """The chat templates of Llama 3."""
    if any(len(each.get("tool_calls") or ()) > 1 for each in messages):
        yield "This model only supports single tool-calls at once!"


def _nine_character_ids(messages: Sequence[Json]) -> Iterator[str]:
    """Mistral's API, and the chat templates of its models."""
    for message in messages:
        for call in message.get("tool_calls") or ():
            if not _NINE_CHARACTERS.fullmatch(call["id"]):
                yield (
                    f"Tool call id was {call['id']} but must be a-z, A-Z, 0-9, with a length of 9."
                )


def _no_tool_role(messages: Sequence[Json]) -> Iterator[str]:
    """The chat template of Gemma 3: user and model take turns; any other role is the model's."""
    for number, message in enumerate(_after_system(messages)):
        if (message["role"] == "user") != (number % 2 == 0):
            yield "Conversation roles must alternate user/assistant/user/assistant/..."


def _after_system(messages: Sequence[Json]) -> Sequence[Json]:
    return messages[1:] if messages[0]["role"] == "system" else messages


STRICT_CHECKS: Mapping[Strictness, Callable[[Sequence[Json]], Iterator[str]]] = {
    "alternating_roles": _alternating_roles,
    "starts_with_user": _starts_with_user,
    "no_system_role": _no_system_role,
    "system_first": _system_first,
    "no_user_after_tool": _no_user_after_tool,
    "no_blank_content": _no_blank_content,
    "no_null_content": _no_null_content,
    "no_text_with_calls": _no_text_with_calls,
    "single_calls": _single_calls,
    "nine_character_ids": _nine_character_ids,
    "no_tool_role": _no_tool_role,
}
"""In the order in which they are made."""
