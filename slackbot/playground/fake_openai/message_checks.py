"""Checks the messages of a request as OpenAI's server does.

https://platform.openai.com/docs/api-reference/chat/create#chat-create-messages
"""

from collections.abc import Iterator, Mapping
from typing import Any

from slackbot.playground.fake_openai.content_checks import problem_of
from slackbot.playground.fake_openai.script import Refusal
from slackbot.playground.fake_openai.violations import NAME_PATTERN, invalid

ROLES = ("developer", "system", "user", "assistant", "tool", "function")


PART_TYPES = {
    "developer": {"text"},
    "system": {"text"},
    "tool": {"text"},
    "user": {"text", "image_url", "input_audio", "file"},
    "assistant": {"text", "refusal"},
}


MAX_ID_CHARACTERS = 40


FIELDS_INSTEAD_OF_CONTENT = ("tool_calls", "function_call", "refusal", "audio")
"""What an assistant's message may have instead of content."""


def about_messages(messages: Any) -> Iterator[Refusal]:
    if not isinstance(messages, list) or not messages:
        yield invalid("messages", "Expected an array with at least one message.")
        return
    awaited: set[str] = set()
    for number, message in enumerate(messages):
        where = f"messages[{number}]"
        if not isinstance(message, dict) or message.get("role") not in ROLES:
            yield invalid(f"{where}.role", f"Supported values are: {', '.join(ROLES)}.")
            return
        yield from _about_content(where, message)
        name = message.get("name")
        if "name" in message and not (isinstance(name, str) and NAME_PATTERN.match(name)):
            yield invalid(
                f"{where}.name", f"Expected a string that matches {NAME_PATTERN.pattern}."
            )
        if message["role"] == "tool":
            if message.get("tool_call_id") not in awaited:
                yield invalid(
                    f"{where}.role", "A 'tool' message must follow the 'tool_calls' it answers."
                )
            awaited.discard(message.get("tool_call_id", ""))
        elif awaited:
            yield invalid(where, f"Tool calls without an answer: {', '.join(sorted(awaited))}.")
        yield from _about_calls(where, message)
        awaited.update(call["id"] for call in message.get("tool_calls") or ())
    if awaited:
        yield invalid("messages", f"Tool calls without an answer: {', '.join(sorted(awaited))}.")


def _about_calls(where: str, message: Mapping[str, Any]) -> Iterator[Refusal]:
    calls = message.get("tool_calls")
    if "tool_calls" not in message:
        return
    if message["role"] != "assistant" or not isinstance(calls, list) or not calls:
        yield invalid(f"{where}.tool_calls", "Expected an assistant's array with at least one.")
        return
    for number, call in enumerate(calls):
        place = f"{where}.tool_calls[{number}]"
        function = call.get("function") or {}
        if (
            call.get("type") != "function"
            or not call.get("id")
            or len(call["id"]) > MAX_ID_CHARACTERS
        ):
            yield invalid(
                place, f"Expected a function call with an id of up to {MAX_ID_CHARACTERS}."
            )
        if not (isinstance(function.get("name"), str) and NAME_PATTERN.match(function["name"])):
            yield invalid(f"{place}.function.name", f"It has to match {NAME_PATTERN.pattern}.")
        if not isinstance(function.get("arguments"), str):
            yield invalid(f"{place}.function.arguments", "Expected a string.")
    ids = [call.get("id") for call in calls]
    if len(set(ids)) < len(ids):
        yield invalid(f"{where}.tool_calls", "Duplicate ids.")


def _about_content(where: str, message: Mapping[str, Any]) -> Iterator[Refusal]:
    content = message.get("content")
    if isinstance(content, list):
        kinds = {part.get("type") for part in content if isinstance(part, dict)}
        valid = bool(kinds) and kinds <= PART_TYPES.get(message["role"], set())
        for number, part in enumerate(content if valid else ()):
            if problem := problem_of(part):
                yield invalid(f"{where}.content[{number}].{part['type']}", problem)
    elif content is None:
        valid = message["role"] == "assistant" and any(
            message.get(key) for key in FIELDS_INSTEAD_OF_CONTENT
        )
    else:
        valid = isinstance(content, str)
    if not valid:
        yield invalid(f"{where}.content", "Expected a string or an array of content parts.")
