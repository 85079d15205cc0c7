"""Checks requests as OpenAI's server does, and can also refuse what other servers do not support.

The first violation found is answered. The rules are those of
https://platform.openai.com/docs/api-reference/chat/create
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from slackbot.playground.fake_openai.chat_completion import length_of, tokens
from slackbot.playground.fake_openai.content_checks import kinds_of
from slackbot.playground.fake_openai.message_checks import about_messages
from slackbot.playground.fake_openai.response_checks import about_input
from slackbot.playground.fake_openai.script import Refusal
from slackbot.playground.fake_openai.strict_checks import (
    Strictness,
    strict_input_problem,
    strict_problem,
)
from slackbot.playground.fake_openai.tool_checks import about_tools
from slackbot.playground.fake_openai.violations import invalid

Feature = Literal[
    "developer",
    "stream_options",
    "name",
    "max_completion_tokens",
    "max_tokens",
    "tools",
    "web_search",
    "encrypted_content",
    "image_url",
    "file",
    "input_audio",
    "audio",
    "audio_id",
]


_REFUSAL_TEXTS: Mapping[Feature, str] = {
    "image_url": "Invalid content type. image_url is only supported by certain models.",
    "input_audio": "Invalid content type. input_audio is only supported by certain models.",
    "file": "Invalid content type. file is only supported by certain models.",
}
"""How OpenAI's models refuse these features."""


INPUT_KINDS: Mapping[Feature, str] = {"image_url": "input_image", "file": "input_file"}
"""Their names in the Responses API."""


UNNAMED = "Something went wrong."


AUDIO_FORMATS = ("wav", "mp3", "flac", "opus", "pcm16")


@dataclass(frozen=True, slots=True)
class RequestRules:
    """The rules of one server. `context_limit` is in characters."""

    refuses: frozenset[Feature] = frozenset()
    status: int = 400
    names_it: bool = True
    """Whether the error message names the refused feature."""
    context_limit: int | None = None
    model: str | None = None
    """The only model that exists; None means any."""
    reasons: bool = False
    """Whether function tools need the Responses API, as with OpenAI's newest models."""
    strict: frozenset[Strictness] = frozenset()
    """What it demands of messages that OpenAI's server does not."""

    def violation(self, request: Any) -> Refusal | None:
        """Returns the first violation in the body of a request, if any."""
        return next(self._violations(request), None)

    def violation_of_response(self, request: Any) -> Refusal | None:
        """The same for a request to the Responses API."""
        return next(self._violations_of_response(request), None)

    def _violations_of_response(self, request: Any) -> Iterator[Refusal]:
        yield from self._about_model(request)
        yield from about_input(request)
        if problem := strict_input_problem(request["input"], self.strict):
            yield Refusal(self.status, problem if self.names_it else UNNAMED)
        include = request.get("include") or ()
        if "reasoning.encrypted_content" in include and "encrypted_content" in self.refuses:
            yield Refusal(message="Encrypted content is not supported with this model.")
        kinds = kinds_of(request["input"])
        for feature, kind in INPUT_KINDS.items():
            if feature in self.refuses and kind in kinds:
                yield Refusal(self.status, _REFUSAL_TEXTS[feature].replace(feature, kind))
        tools = request.get("tools")
        if {"type": "web_search"} in (tools or ()) and "web_search" in self.refuses:
            yield Refusal(message=f"Hosted tool 'web_search' is not supported with {self.model}.")
        own = [each for each in tools or () if each != {"type": "web_search"}]
        if own:
            nested = [{"type": each.get("type"), "function": each} for each in own]
            yield from about_tools({**request, "tools": nested})
        elif not tools and "tool_choice" in request:
            yield from about_tools(request)

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
        yield from about_messages(request.get("messages"))
        yield from self._refused_features(request)
        yield from _about_audio(request)
        if self.context_limit is not None and length_of(request) > self.context_limit:
            yield Refusal(
                message=f"This model's maximum context length is {tokens(self.context_limit)} "
                f"tokens. However, your messages resulted in {tokens(length_of(request))} tokens. "
                "Please reduce the length of the messages.",
                code="context_length_exceeded",
                param="messages",
            )

    def _refused_features(self, request: Mapping[str, Any]) -> Iterator[Refusal]:
        messages = request["messages"]
        found = features_of(request)
        for feature in sorted(self.refuses):
            if feature in found:
                text = _REFUSAL_TEXTS.get(feature, f"Unsupported: '{feature}'")
                yield Refusal(self.status, text if self.names_it else UNNAMED)
        if problem := strict_problem(messages, self.strict):
            yield Refusal(self.status, problem if self.names_it else UNNAMED)


def features_of(request: Mapping[str, Any]) -> set[str]:
    """The features that a valid request uses."""
    messages = request["messages"]
    found = {
        "developer": any(message["role"] == "developer" for message in messages),
        "name": any("name" in message for message in messages),
        "stream_options": "stream_options" in request,
        "max_completion_tokens": "max_completion_tokens" in request,
        "max_tokens": "max_tokens" in request,
        "tools": "tools" in request or any("tool_calls" in message for message in messages),
    }
    return {name for name, is_used in found.items() if is_used} | kinds_of(messages)


def _about_audio(request: Mapping[str, Any]) -> Iterator[Refusal]:
    """https://platform.openai.com/docs/guides/audio"""
    model, wanted = request["model"], request.get("modalities") or ["text"]
    has_audio_input = "input_audio" in kinds_of(request["messages"])
    if "audio" not in model and (has_audio_input or "audio" in wanted):
        what = (
            _REFUSAL_TEXTS["input_audio"]
            if has_audio_input
            else "This model does not support audio output."
        )
        yield Refusal(message=what, param="messages" if has_audio_input else "modalities")
    if "audio" in model and not has_audio_input and "audio" not in wanted:
        yield Refusal(
            message="This model requires that either input content or output modality contain "
            "audio."
        )
    audio = request.get("audio")
    if "audio" not in wanted:
        if audio is not None:
            yield invalid("audio", "It needs 'audio' among the modalities.")
    elif not isinstance(audio, dict) or not isinstance(audio.get("voice"), str):
        yield invalid("audio.voice", "Expected a voice.")
    elif audio.get("format") not in (("pcm16",) if request.get("stream") else AUDIO_FORMATS):
        yield invalid("audio.format", "Streams are pcm16.")


def _about_options(request: Mapping[str, Any]) -> Iterator[Refusal]:
    options = request.get("stream_options")
    if options is not None and not request.get("stream"):
        yield invalid(
            "stream_options", "The 'stream_options' parameter is only allowed when 'stream' is on."
        )
    for name in ("max_completion_tokens", "max_tokens"):
        limit = request.get(name)
        if limit is not None and (not isinstance(limit, int) or limit < 1):
            yield invalid(name, "Expected an integer above 0.")
    yield from about_tools(request)
