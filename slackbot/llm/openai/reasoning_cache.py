"""What reasoning models thought before they called tools, as only OpenAI can read it.

Sent back with the calls, it saves the model from thinking it all again:
https://platform.openai.com/docs/guides/reasoning#keeping-reasoning-items-in-context
It is kept in memory and not stored: without it, after a restart, a conversation goes on as well.
"""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Any

MOST = 256
"""For how many calls they are kept, the newest."""

Item = Mapping[str, Any]


class ReasoningCache:
    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, str], Sequence[Item]] = OrderedDict()

    def before(self, model: str, call: str) -> Sequence[Item]:
        """The reasoning items that came before the call of this id; no other model reads them."""
        return self._kept.get((model, call), ())

    def keep(self, model: str, call: str, items: Sequence[Item]) -> None:
        if items:
            self._kept[model, call] = items
            while len(self._kept) > MOST:
                self._kept.popitem(last=False)


class ReasoningRecorder:
    """The reasoning items of one answer, kept for the call that they lead to."""

    def __init__(self, reasoning: ReasoningCache, model: str) -> None:
        self._reasoning = reasoning
        self._model = model
        self._items: list[Item] = []

    def hear(self, event: object) -> None:
        """https://platform.openai.com/docs/api-reference/responses-streaming"""
        if not isinstance(event, dict) or event.get("type") != "response.output_item.done":
            return
        item = event.get("item")
        if not isinstance(item, dict):
            return
        if item.get("type") == "reasoning" and item.get("encrypted_content"):
            self._items.append(item)
            return
        if item.get("type") == "function_call" and isinstance(item.get("call_id"), str):
            self._reasoning.keep(self._model, item["call_id"], tuple(self._items))
        self._items = []  # a thought goes back with what it led to, or not at all
