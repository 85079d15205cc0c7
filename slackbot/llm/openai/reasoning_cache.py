"""What reasoning models thought before they called tools, encrypted by OpenAI.

Sent back with the calls, it saves the model from thinking it all again:
https://platform.openai.com/docs/guides/reasoning#keeping-reasoning-items-in-context
It is kept in memory and not stored: without it, after a restart, a conversation goes on as well.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from cachetools import FIFOCache

from slackbot.llm.openai.json_fields import field, text

MAX_CALLS = 256
"""For how many calls it is kept, the newest."""

Item = dict[str, Any]


class ReasoningCache:
    def __init__(self) -> None:
        self._items: FIFOCache[tuple[str, str], Sequence[Item]] = FIFOCache(MAX_CALLS)
        """By model and call: no other model can read them."""

    def before(self, model: str, call_id: str) -> Sequence[Item]:
        """The reasoning items that led to the call."""
        return self._items.get((model, call_id), ())

    def keep(self, model: str, call_id: str, items: Sequence[Item]) -> None:
        if items:
            self._items[model, call_id] = items

    def forget(self, model: str, call_ids: Iterable[str]) -> None:
        """The server could not read what led to these calls."""
        for call_id in call_ids:
            self._items.pop((model, call_id), None)


class ReasoningRecorder:
    """Finds the reasoning items of one response, and keeps them for the call that they lead to."""

    def __init__(self, cache: ReasoningCache, model: str) -> None:
        self._cache = cache
        self._model = model
        self._items: list[Item] = []

    def record(self, event: object) -> None:
        """https://platform.openai.com/docs/api-reference/responses-streaming"""
        if text(event, "type") != "response.output_item.done":
            return
        item = field(event, "item")
        if not isinstance(item, dict):
            return
        if text(item, "type") == "reasoning" and text(item, "encrypted_content"):
            self._items.append(item)
            return
        if text(item, "type") == "function_call" and (call_id := text(item, "call_id")):
            self._cache.keep(self._model, call_id, tuple(self._items))
        self._items = []  # reasoning goes back with what it led to, or not at all
