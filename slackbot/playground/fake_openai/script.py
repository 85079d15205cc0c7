"""Scripts of the model server's answers, as frozen values that read like sentences.

    says("one two three").held(after=1)
    says("one two three").dropped(after=2)
    fails(429, code="rate_limit_exceeded", retry_after=0.1)

A script is a sequence of deltas of OpenAI's chat completions, and what interrupts them.
`after` always counts deltas: `held(after=0)` holds before the first one.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import Any, Literal

DeltaJson = Mapping[str, Any]

Disruption = Literal["drop", "stall", "error", "garble"]
"""The connection drops; nothing more is sent; an error object is sent; invalid JSON is sent."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """An error in OpenAI's format, sent instead of a stream or in the middle of one.

    https://platform.openai.com/docs/guides/error-codes
    """

    status: int = 400
    message: str = "The request was refused."
    type: str = "invalid_request_error"
    code: str | None = None
    param: str | None = None
    retry_after: float | None = None
    raw: Any = None
    """The body of a server that has another format."""

    @property
    def body(self) -> Any:
        if self.raw is not None:
            return self.raw
        return {
            "error": {
                "message": self.message,
                "type": self.type,
                "param": self.param,
                "code": self.code,
            }
        }


@dataclass(frozen=True, slots=True)
class Script:
    """One answer. Times are in seconds; `usage` is (prompt, completion) tokens."""

    deltas: tuple[DeltaJson, ...] = ()
    finish: str | None = "stop"
    """None ends the stream early, without finish reason, usage or [DONE]; "" with [DONE], and
    without a finish reason, as servers do that never send one."""
    cadence: float = 0.0
    first_after: float = 0.0
    hold_after: int | None = None
    disruption: Disruption | None = None
    disruption_after: int = 0
    refusal: Refusal | None = None
    """An error instead of a stream, or the error object of the disruption `error`."""
    usage: tuple[int, int] | None = None
    """None counts four characters as a token."""
    keep_alive: float = 0.0
    """Seconds between keep-alive comments; 0 sends none."""
    loads_first: bool = False
    """Sends nothing, not even the headers, until the server's `release`."""
    streams: bool = True
    """Whether it is streamed where the request asks for that; some servers never do."""

    @property
    def text(self) -> str:
        return "".join(text_in(delta.get("content") or "") for delta in self.deltas)

    def then(self, other: "Script") -> "Script":
        """Appends another script to this one, in the same answer."""
        return replace(other, deltas=(*self.deltas, *other.deltas))

    def paced(self, cadence: float, first_after: float = 0.0) -> "Script":
        return replace(self, cadence=cadence, first_after=first_after)

    def held(self, after: int) -> "Script":
        """Pauses the stream until the server's `release`."""
        return replace(self, hold_after=after)

    def loading(self) -> "Script":
        """Sends not even the headers until the server's `release`, as one that loads a model."""
        return replace(self, loads_first=True)

    def dropped(self, after: int) -> "Script":
        return replace(self, disruption="drop", disruption_after=after)

    def stalled(self, after: int, keep_alive: float = 0.0) -> "Script":
        """Sends no more deltas, and keeps the connection open."""
        return replace(self, disruption="stall", disruption_after=after, keep_alive=keep_alive)

    def failed(self, after: int, refusal: Refusal) -> "Script":
        return replace(self, disruption="error", disruption_after=after, refusal=refusal)

    def garbled(self, after: int) -> "Script":
        return replace(self, disruption="garble", disruption_after=after)

    def ending(self, finish: str | None) -> "Script":
        return replace(self, finish=finish)

    def unstreamed(self) -> "Script":
        """Sends the answer as a whole, whatever the request says."""
        return replace(self, streams=False)

    def counted(self, prompt: int, completion: int) -> "Script":
        return replace(self, usage=(prompt, completion))


def text_in(content: str | Sequence[DeltaJson]) -> str:
    """Returns the text of a content, which is a string or a list of parts."""
    if isinstance(content, str):
        return content
    return "".join(part.get("text", "") for part in content)


def says(text: str) -> Script:
    """Streams a text word by word."""
    return Script(tuple({"content": word} for word in words(text)))


def words(text: str) -> list[str]:
    """Splits a text into words with the white space before each."""
    return re.findall(r"\s*\S+|\s+$", text)


def declines(text: str) -> Script:
    """Streams a refusal by the model itself, word by word."""
    return Script(tuple({"refusal": word} for word in re.findall(r"\s*\S+", text)))


def calls(name: str, *arguments: str, call_id: str = "call_1") -> Script:
    """Calls a tool; its JSON arguments arrive in the given pieces."""
    return Script(tuple(_call(0, name, arguments, call_id)), finish="tool_calls")


def calls_together(*scripts: Script) -> Script:
    """Combines several tool calls in one answer, with interleaved pieces."""
    numbered = [
        [_numbered(delta, index) for delta in script.deltas] for index, script in enumerate(scripts)
    ]
    by_turns = (delta for row in zip_longest(*numbered) for delta in row if delta is not None)
    return Script(tuple(by_turns), finish="tool_calls")


def _call(index: int, name: str, arguments: Sequence[str], call_id: str) -> Iterator[DeltaJson]:
    opening = {"index": index, "id": call_id, "type": "function"}
    yield {"tool_calls": [{**opening, "function": {"name": name, "arguments": ""}}]}
    for piece in arguments:
        yield {"tool_calls": [{"index": index, "function": {"arguments": piece}}]}


def _numbered(delta: DeltaJson, index: int) -> DeltaJson:
    if "tool_calls" not in delta:
        return delta
    return {"tool_calls": [{**call, "index": index} for call in delta["tool_calls"]]}


def thinks(content: str) -> Script:
    """Adds a reasoning item, which only the Responses API sends."""
    return Script(({"reasoning": content},))


def searches(*found: tuple[str, str]) -> Script:
    """Searches the web and cites the sources (url, title)."""
    sources = tuple({"source": {"url": url, "title": title}} for url, title in found)
    return Script(({"search": True}, *sources))


def calls_function(name: str, arguments: str) -> Script:
    """Calls a tool in the old `function_call` format."""
    return Script(
        ({"function_call": {"name": name, "arguments": arguments}},), finish="function_call"
    )


def fails(
    status: int,
    message: str = "The request was refused.",
    *,
    code: str | None = None,
    type: str = "invalid_request_error",  # noqa: A002 - OpenAI's name for it
    param: str | None = None,
    retry_after: float | None = None,
) -> Script:
    """Answers with an HTTP error."""
    return Script(refusal=Refusal(status, message, type, code, param, retry_after))
