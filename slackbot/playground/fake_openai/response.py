"""Encodes a script as the events of OpenAI's Responses API.

https://platform.openai.com/docs/api-reference/responses-streaming
"""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from uuid import uuid4

from slackbot.playground.fake_openai.chat_completion import tokens
from slackbot.playground.fake_openai.script import DeltaJson, Script
from slackbot.playground.fake_openai.sse import DONE, event

INCOMPLETE = {"length": "max_output_tokens", "content_filter": "content_filter"}


@dataclass(slots=True)
class ScriptedResponse:
    """The streamed answer to one request; `output` collects its items."""

    script: Script
    request: Mapping[str, Any]
    id: str = field(default_factory=lambda: f"resp_{uuid4().hex}")
    created: int = field(default_factory=lambda: int(time.time()))
    output: list[dict[str, Any]] = field(default_factory=list)

    @property
    def done(self) -> bytes:
        """Follows the last event: nothing, or [DONE] in place of `response.completed`."""
        return DONE if self.script.finish == "" else b""

    def chunks(self) -> Iterator[bytes]:
        """Yields the events of each delta, and the final event."""
        numbers = count()
        places: dict[object, int] = {}

        def encoded(*events: DeltaJson) -> bytes:
            return b"".join(
                event({**each, "sequence_number": next(numbers)}, name=each["type"])
                for each in events
            )

        opening: list[DeltaJson] = [
            {"type": "response.created", "response": self._whole("in_progress")},
            {"type": "response.in_progress", "response": self._whole("in_progress")},
        ]
        for delta in self.script.deltas:
            yield encoded(*opening, *self._events(delta, places))
            opening = []
        if not self.script.finish:
            return
        reason = INCOMPLETE.get(self.script.finish)
        kind = "incomplete" if reason else "completed"
        whole = {**self._whole(kind), "usage": self._usage()}
        whole["incomplete_details"] = {"reason": reason} if reason else None
        end = {"type": f"response.{kind}", "response": whole}
        open_ = [place for place, item in enumerate(self.output) if item["type"] != "reasoning"]
        yield encoded(*opening, *map(self._done, open_), end)

    def whole(self) -> dict[str, Any]:
        """Returns the response as one object, as a server sends it that does not stream."""
        for _ in self.chunks():
            pass  # they collect the output
        return {**self._whole("completed"), "usage": self._usage()}

    def error(self, error: DeltaJson) -> bytes:
        """Returns the event of a failure in mid-stream."""
        return event({**error, "type": "error", "sequence_number": 0}, name="error")

    def _events(self, delta: DeltaJson, places: dict[object, int]) -> Iterator[DeltaJson]:
        if error := delta.get("failed"):
            yield {
                "type": "response.failed",
                "response": {**self._whole("failed"), "error": dict(error)},
            }
        if thought := delta.get("reasoning"):
            yield self._added(places, "reasoning", {"type": "reasoning", "summary": []})
            self.output[-1]["encrypted_content"] = thought
            yield self._done(len(self.output) - 1)
        if delta.get("search"):
            yield self._added(places, "search", {"type": "web_search_call", "status": "searching"})
            where = {"output_index": places["search"], "item_id": self.output[-1]["id"]}
            yield {"type": "response.web_search_call.in_progress", **where}
            yield {"type": "response.web_search_call.searching", **where}
        if source := delta.get("source"):
            annotation = {"type": "url_citation", "start_index": 0, "end_index": 0, **source}
            yield {
                "type": "response.output_text.annotation.added",
                "output_index": len(self.output) - 1,
                "content_index": 0,
                "annotation_index": 0,
                "annotation": annotation,
            }
        for kind, part in (("content", "output_text"), ("refusal", "refusal")):
            if said := delta.get(kind):
                if kind not in places:
                    message = {"type": "message", "role": "assistant", "content": []}
                    yield self._added(places, kind, {**message, "status": "in_progress"})
                    self.output[-1]["content"] = [{"type": part, _key(part): ""}]
                place = places[kind]
                self.output[place]["content"][0][_key(part)] += said
                yield {
                    "type": f"response.{part}.delta",
                    "output_index": place,
                    "content_index": 0,
                    "item_id": self.output[place]["id"],
                    "delta": said,
                }
        for call in delta.get("tool_calls") or ():
            yield from self._of_call(call, places)

    def _of_call(self, call: DeltaJson, places: dict[object, int]) -> Iterator[DeltaJson]:
        function = call["function"]
        if call["index"] not in places:
            item = {"type": "function_call", "call_id": call["id"], "name": function["name"]}
            yield self._added(places, call["index"], {**item, "arguments": ""})
        place = places[call["index"]]
        if piece := function.get("arguments"):
            self.output[place]["arguments"] += piece
            yield {
                "type": "response.function_call_arguments.delta",
                "output_index": place,
                "item_id": self.output[place]["id"],
                "delta": piece,
            }

    def _added(self, places: dict[object, int], key: object, item: DeltaJson) -> DeltaJson:
        places[key] = len(self.output)
        added = {"id": f"{item['type']}_{uuid4().hex}", **item}
        self.output.append(dict(added))
        return {"type": "response.output_item.added", "output_index": places[key], "item": added}

    def _done(self, place: int) -> DeltaJson:
        item = self.output[place]
        return {"type": "response.output_item.done", "output_index": place, "item": dict(item)}

    def _whole(self, status: str) -> dict[str, Any]:
        return {
            "id": self.id,
            "object": "response",
            "created_at": self.created,
            "status": status,
            "model": self.request["model"],
            "output": [dict(item) for item in self.output],
            "error": None,
            "usage": None,
        }

    def _usage(self) -> dict[str, Any]:
        prompt, completion = self.script.usage or (
            tokens(len(str(self.request["input"]))),
            tokens(len(self.script.text)),
        )
        return {
            "input_tokens": prompt,
            "input_tokens_details": {"cached_tokens": 0},
            "output_tokens": completion,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": prompt + completion,
        }


def _key(part: str) -> str:
    return "text" if part == "output_text" else "refusal"
