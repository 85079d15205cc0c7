"""From a prompt to the body of a chat completion request, with or without what a server refuses.

https://platform.openai.com/docs/api-reference/chat/create
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from slackbot.conversation import Call
from slackbot.prompt import Prompt, PromptMessage
from slackbot.toolbox import Tool

Feature = Literal["developer", "stream_options", "name", "max_completion_tokens", "tools"]
"""What OpenAI's own server takes in a request and others have been seen to refuse."""


@dataclass(frozen=True, slots=True)
class Request:
    """`cache_key` and `limit`, in tokens of the answer, are left out where they are empty."""

    model: str
    prompt: Prompt
    cache_key: str = ""
    limit: int | None = None

    @property
    def uses_tools(self) -> bool:
        return bool(self.prompt.tools) or any(message.calls for message in self.prompt.messages)

    @property
    def features(self) -> Iterator[Feature]:
        """Those that this request makes use of, the ones refused most often first."""
        if any(message.role == "developer" for message in self.prompt.messages):
            yield "developer"
        yield "stream_options"
        if any(message.name for message in self.prompt.messages):
            yield "name"
        if self.uses_tools:
            yield "tools"
        if self.limit is not None:
            yield "max_completion_tokens"

    def body(self, without: Collection[Feature]) -> dict[str, Any]:
        body: dict[str, Any] = {
            "model": self.model,
            "messages": self._messages(without),
            "stream": True,
        }
        if "stream_options" not in without:
            body["stream_options"] = {"include_usage": True}
        if self.cache_key:
            body["prompt_cache_key"] = self.cache_key
        if self.limit is not None and "max_completion_tokens" not in without:
            body["max_completion_tokens"] = self.limit
        if self.prompt.tools and "tools" not in without:
            body["tools"] = [_tool(tool) for tool in self.prompt.tools]
            if self.prompt.to_answer:
                body["tool_choice"] = "none"
        return body

    def _messages(self, without: Collection[Feature]) -> list[dict[str, Any]]:
        """With `system` for a refused `developer`; names go into the text where they matter."""
        prompt = self.prompt
        named = "name" not in without
        people = {message.name for message in prompt.messages if message.role == "user"}
        messages: list[dict[str, Any]] = []
        for message in prompt.messages:
            if "tools" in without and (message.answers or (message.calls and not message.content)):
                continue
            sent = _sent(message, named=named, told_apart=len(people) > 1)
            if message.role == "developer" and "developer" in without:
                sent["role"] = "system"
                if messages and messages[-1]["role"] == "system":
                    # Many chat templates take a single system message, and only at the beginning.
                    messages[-1]["content"] += f"\n\n{sent['content']}"
                    continue
            if message.calls and "tools" not in without:
                sent["tool_calls"] = [_call(call) for call in message.calls]
            messages.append(sent)
        return messages


def _tool(tool: Tool) -> dict[str, Any]:
    function = {"name": tool.name, "description": tool.description, "parameters": tool.parameters}
    return {"type": "function", "function": function}


def _call(call: Call) -> dict[str, Any]:
    function = {"name": call.name, "arguments": call.arguments}
    return {"id": call.id, "type": "function", "function": function}


def _sent(message: PromptMessage, *, named: bool, told_apart: bool) -> dict[str, Any]:
    if message.refusal:
        # Content is required of a message without tool calls, and null is refused by some.
        return {"role": message.role, "content": message.content, "refusal": message.refusal}
    if message.answers:
        return {"role": "tool", "content": message.content, "tool_call_id": message.answers}
    if not message.name:
        return {"role": message.role, "content": message.content}
    if named:
        return {"role": message.role, "content": message.content, "name": message.name}
    text = f"{message.name}: {message.content}" if told_apart else message.content
    return {"role": message.role, "content": text}
