"""What reasoning models thought before they called tools, encrypted by OpenAI.

Sent back with the calls, it saves the model from thinking it all again:
https://platform.openai.com/docs/guides/reasoning#keeping-reasoning-items-in-context
It is kept in memory and not stored: without it, after a restart, a conversation goes on as well.
"""

from collections.abc import Sequence
from typing import Any

from cachetools import FIFOCache

from slackbot.llm.openai.json_fields import field, text
from slackbot.llm.openai.request import OpenAIRequest

MAX_CALLS = 256
"""For how many calls it is kept, the newest."""

MAX_CHARACTERS = 2_000_000
"""For one call. It is kept in memory, so what is longer is left out."""

Item = dict[str, Any]


class ReasoningCache:
    def __init__(self) -> None:
        self._items: FIFOCache[tuple[str, str, str], Sequence[Item]] = FIFOCache(MAX_CALLS)
        """By model, as no other can read them; by conversation, as a server may number the calls of
        each from 0; and by call.
        """

    def before(self, request: OpenAIRequest, call_id: str) -> Sequence[Item]:
        """The reasoning items that led to the call."""
        return self._items.get((request.model, request.conversation, call_id), ())

    def keep(self, request: OpenAIRequest, call_id: str, items: Sequence[Item]) -> None:
        if items and sum(len(item["encrypted_content"]) for item in items) <= MAX_CHARACTERS:
            self._items[request.model, request.conversation, call_id] = items

    def forget(self, request: OpenAIRequest) -> None:
        """The server could not read what led to the calls in a request."""
        for call in request.calls:
            self._items.pop((request.model, request.conversation, call.id), None)


class ReasoningRecorder:
    """Finds the reasoning items of one response, and keeps them for the call that they lead to."""

    def __init__(self, cache: ReasoningCache, request: OpenAIRequest) -> None:
        self._cache = cache
        self._request = request
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
            self._cache.keep(self._request, call_id, tuple(self._items))
        self._items = []  # reasoning goes back with what it led to, or not at all
