"""What a model server refuses: what OpenAI's refuses always, and what others refuse to order.

A request is answered with the first violation found. The rules are those of
https://platform.openai.com/docs/api-reference/chat/create
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from slackbot.playground.fake_openai.chat_completion import length_of, tokens
from slackbot.playground.fake_openai.content_checks import kinds_of, problem_of
from slackbot.playground.fake_openai.response_checks import about_input
from slackbot.playground.fake_openai.script import Refusal

Feature = Literal[
    "developer",
    "stream_options",
    "name",
    "max_completion_tokens",
    "tools",
    "web_search",
    "encrypted_content",
    "image_url",
    "file",
    "input_audio",
    "audio",
    "audio_id",
]

ROLES = ("developer", "system", "user", "assistant", "tool", "function")
NAME = re.compile(r"^[a-zA-Z0-9_-]{1,64}$")
PARTS = {
    "developer": {"text"},
    "system": {"text"},
    "tool": {"text"},
    "user": {"text", "image_url", "input_audio", "file"},
    "assistant": {"text", "refusal"},
}
MOST_TOOLS = 128
LONGEST_DESCRIPTION = 1_024
LONGEST_ID = 40
_REFUSALS: Mapping[Feature, str] = {
    "image_url": "Invalid content type. image_url is only supported by certain models.",
    "input_audio": "Invalid content type. input_audio is only supported by certain models.",
    "file": "Invalid content type. file is only supported by certain models.",
}
"""The words of OpenAI's own models that do not take something."""

INPUT_KINDS: Mapping[Feature, str] = {"image_url": "input_image", "file": "input_file"}
"""What they are called in the Responses API."""

FORMATS = ("wav", "mp3", "flac", "opus", "pcm16")

SPEECHLESS = ("tool_calls", "function_call", "refusal", "audio")
"""What an assistant's message may have instead of content."""


@dataclass(frozen=True, slots=True)
class RequestRules:
    """How one server differs from OpenAI's. `context_limit` is in characters."""

    refuses: frozenset[Feature] = frozenset()
    status: int = 400
    names_it: bool = True
    """Whether the error's text says what was refused."""
    context_limit: int | None = None
    model: str | None = None
    """The only model there is; None: any."""
    reasons: bool = False
    """Function tools are taken in the Responses API alone, as by OpenAI's newest models."""

    def violation(self, request: Any) -> Refusal | None:
        """The first thing wrong with the body of a request, if there is one."""
        return next(self._violations(request), None)

    def violation_of_response(self, request: Any) -> Refusal | None:
        """The same for a request to the Responses API."""
        return next(self._violations_of_response(request), None)

    def _violations_of_response(self, request: Any) -> Iterator[Refusal]:
        yield from self._about_model(request)
        yield from about_input(request)
        include = request.get("include") or ()
        if "reasoning.encrypted_content" in include and "encrypted_content" in self.refuses:
            yield Refusal(message="Encrypted content is not supported with this model.")
        kinds = kinds_of(request["input"])
        for quirk, kind in INPUT_KINDS.items():
            if quirk in self.refuses and kind in kinds:
                yield Refusal(self.status, _REFUSALS[quirk].replace(quirk, kind))
        tools = request.get("tools")
        if {"type": "web_search"} in (tools or ()) and "web_search" in self.refuses:
            yield Refusal(message=f"Hosted tool 'web_search' is not supported with {self.model}.")
        own = [each for each in tools or () if each != {"type": "web_search"}]
        if own:
            nested = [{"type": each.get("type"), "function": each} for each in own]
            yield from _about_tools({**request, "tools": nested})
        elif not tools and "tool_choice" in request:
            yield from _about_tools(request)

    def _about_model(self, request: Any) -> Iterator[Refusal]:
        if not isinstance(request, dict):
            yield Refusal(message="We could not parse the JSON body of your request.")
        elif not isinstance(request.get("model"), str):
            yield Refusal(message="you must provide a model parameter")
        elif self.model is not None and request["model"] != self.model:
            yield Refusal(
                404,
                f"The model `{request['model']}` does not exist or you do not have access to it.",
                code="model_not_found",
                param="model",
            )

    def _violations(self, request: Any) -> Iterator[Refusal]:
        yield from self._about_model(request)
        if self.reasons and request.get("tools"):
            yield Refusal(
                message="Function tools with reasoning_effort are not supported for "
                f"{request['model']} in /v1/chat/completions. Please use /v1/responses instead, "
                "or set reasoning_effort to 'none'.",
                param="reasoning_effort",
            )
        yield from _about_options(request)
        yield from _about_messages(request.get("messages"))
        yield from self._quirks(request)
        yield from _about_sound(request)
        if self.context_limit is not None and length_of(request) > self.context_limit:
            yield Refusal(
                message=f"This model's maximum context length is {tokens(self.context_limit)} "
                f"tokens. However, your messages resulted in {tokens(length_of(request))} tokens. "
                "Please reduce the length of the messages.",
                code="context_length_exceeded",
                param="messages",
            )

    def _quirks(self, request: Mapping[str, Any]) -> Iterator[Refusal]:
        messages = request["messages"]
        found = {
            "developer": any(message["role"] == "developer" for message in messages),
            "name": any("name" in message for message in messages),
            "stream_options": "stream_options" in request,
            "max_completion_tokens": "max_completion_tokens" in request,
            "web_search": False,
            "tools": "tools" in request or any("tool_calls" in message for message in messages),
            **dict.fromkeys(kinds_of(messages), True),
        }
        for quirk in sorted(self.refuses):
            if found.get(quirk):
                text = _REFUSALS.get(quirk, f"Unsupported: '{quirk}'")
                yield Refusal(self.status, text if self.names_it else "Something went wrong.")


def _about_sound(request: Mapping[str, Any]) -> Iterator[Refusal]:
    """https://platform.openai.com/docs/guides/audio"""
    model, wanted = request["model"], request.get("modalities") or ["text"]
    heard = "input_audio" in kinds_of(request["messages"])
    if "audio" not in model and (heard or "audio" in wanted):
        what = _REFUSALS["input_audio"] if heard else "This model does not support audio output."
        yield Refusal(message=what, param="messages" if heard else "modalities")
    if "audio" in model and not heard and "audio" not in wanted:
        yield Refusal(
            message="This model requires that either input content or output modality contain "
            "audio."
        )
    audio = request.get("audio")
    if "audio" not in wanted:
        if audio is not None:
            yield _invalid("audio", "It needs 'audio' among the modalities.")
    elif not isinstance(audio, dict) or not isinstance(audio.get("voice"), str):
        yield _invalid("audio.voice", "Expected a voice.")
    elif audio.get("format") not in (("pcm16",) if request.get("stream") else FORMATS):
        yield _invalid("audio.format", "Streams are pcm16.")


def _about_options(request: Mapping[str, Any]) -> Iterator[Refusal]:
    options = request.get("stream_options")
    if options is not None and not request.get("stream"):
        yield _invalid(
            "stream_options", "The 'stream_options' parameter is only allowed when 'stream' is on."
        )
    limit = request.get("max_completion_tokens")
    if limit is not None and (not isinstance(limit, int) or limit < 1):
        yield _invalid("max_completion_tokens", "Expected an integer above 0.")
    yield from _about_tools(request)


def _about_tools(request: Mapping[str, Any]) -> Iterator[Refusal]:
    tools = request.get("tools")
    if tools is None:
        if "tool_choice" in request:
            yield _invalid("tool_choice", "It is only allowed when 'tools' are specified.")
        return
    if not isinstance(tools, list) or not 0 < len(tools) <= MOST_TOOLS:
        yield _invalid("tools", f"Expected an array of 1 to {MOST_TOOLS} tools.")
        return
    names = []
    for number, tool in enumerate(tools):
        where = f"tools[{number}].function"
        function = tool.get("function") if isinstance(tool, dict) else None
        if not isinstance(function, dict) or tool.get("type") != "function":
            yield _invalid(f"tools[{number}]", "Expected a tool of type 'function'.")
            continue
        name = function.get("name")
        names.append(name)
        if not (isinstance(name, str) and NAME.match(name)):
            yield _invalid(f"{where}.name", f"Expected a string that matches {NAME.pattern}.")
        if problem := _about_schema(function.get("parameters", {"type": "object"})):
            yield Refusal(
                message=f"Invalid schema for function '{name}': {problem}",
                code="invalid_function_parameters",
                param=f"{where}.parameters",
            )
        if len(function.get("description") or "") > LONGEST_DESCRIPTION:
            yield _invalid(f"{where}.description", f"Over {LONGEST_DESCRIPTION} characters.")
    if len(set(names)) < len(names):
        yield _invalid("tools", "Tool names must be unique.")


def _about_schema(schema: Any) -> str:
    """What is wrong with a tool's parameters."""
    if not isinstance(schema, dict) or schema.get("type") != "object":
        return "schema must be a JSON Schema of 'type: \"object\"'."
    if any(key in schema for key in ("oneOf", "anyOf", "allOf", "enum", "not")):
        return "schema must not have 'oneOf'/'anyOf'/'allOf'/'enum'/'not' at the top level."
    for name, part in schema.get("properties", {}).items():
        if isinstance(part, dict) and part.get("type") == "array" and "items" not in part:
            return f"In context=('properties', '{name}'), array schema missing items."
    return ""


def _about_messages(messages: Any) -> Iterator[Refusal]:
    if not isinstance(messages, list) or not messages:
        yield _invalid("messages", "Expected an array with at least one message.")
        return
    awaited: set[str] = set()
    for number, message in enumerate(messages):
        where = f"messages[{number}]"
        if not isinstance(message, dict) or message.get("role") not in ROLES:
            yield _invalid(f"{where}.role", f"Supported values are: {', '.join(ROLES)}.")
            return
        yield from _about_content(where, message)
        name = message.get("name")
        if "name" in message and not (isinstance(name, str) and NAME.match(name)):
            yield _invalid(f"{where}.name", f"Expected a string that matches {NAME.pattern}.")
        if message["role"] == "tool":
            if message.get("tool_call_id") not in awaited:
                yield _invalid(
                    f"{where}.role", "A 'tool' message must follow the 'tool_calls' it answers."
                )
            awaited.discard(message.get("tool_call_id", ""))
        elif awaited:
            yield _invalid(where, f"Tool calls without an answer: {', '.join(sorted(awaited))}.")
        yield from _about_calls(where, message)
        awaited.update(call["id"] for call in message.get("tool_calls") or ())
    if awaited:
        yield _invalid("messages", f"Tool calls without an answer: {', '.join(sorted(awaited))}.")


def _about_calls(where: str, message: Mapping[str, Any]) -> Iterator[Refusal]:
    calls = message.get("tool_calls")
    if "tool_calls" not in message:
        return
    if message["role"] != "assistant" or not isinstance(calls, list) or not calls:
        yield _invalid(f"{where}.tool_calls", "Expected an assistant's array with at least one.")
        return
    for number, call in enumerate(calls):
        place = f"{where}.tool_calls[{number}]"
        function = call.get("function") or {}
        if call.get("type") != "function" or not call.get("id") or len(call["id"]) > LONGEST_ID:
            yield _invalid(place, f"Expected a function call with an id of up to {LONGEST_ID}.")
        if not (isinstance(function.get("name"), str) and NAME.match(function["name"])):
            yield _invalid(f"{place}.function.name", f"It has to match {NAME.pattern}.")
        if not isinstance(function.get("arguments"), str):
            yield _invalid(f"{place}.function.arguments", "Expected a string.")
    ids = [call.get("id") for call in calls]
    if len(set(ids)) < len(ids):
        yield _invalid(f"{where}.tool_calls", "Duplicate ids.")


def _about_content(where: str, message: Mapping[str, Any]) -> Iterator[Refusal]:
    content = message.get("content")
    if isinstance(content, list):
        kinds = {part.get("type") for part in content if isinstance(part, dict)}
        valid = bool(kinds) and kinds <= PARTS.get(message["role"], set())
        for number, part in enumerate(content if valid else ()):
            if problem := problem_of(part):
                yield _invalid(f"{where}.content[{number}].{part['type']}", problem)
    elif content is None:
        valid = message["role"] == "assistant" and any(message.get(key) for key in SPEECHLESS)
    else:
        valid = isinstance(content, str)
    if not valid:
        yield _invalid(f"{where}.content", "Expected a string or an array of content parts.")


def _invalid(param: str, problem: str) -> Refusal:
    return Refusal(message=f"Invalid value for '{param}': {problem}", param=param)
