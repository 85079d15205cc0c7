"""Learns whether a server says why an answer ended: some send only `[DONE]`.

https://platform.openai.com/docs/api-reference/chat-streaming has a `finish_reason` in the last
chunk, and the Responses API a `response.completed`. An answer that ends with `[DONE]` alone was cut
off where the server usually says more, and is whole where it never does.
"""

from typing import Generic, TypeVar

BROKEN_IN_A_ROW = 2
"""How many answers without a reason count as cut off. With the next one, the server has changed."""

T = TypeVar("T")


class StreamEnds(Generic[T]):
    """The ends of the answers of each model."""

    def __init__(self) -> None:
        self._without_reason: dict[T, int] = {}
        """How many answers in a row have ended without one, by models that have sent any."""

    def on_reason(self, model: T) -> None:
        """An answer has ended with a reason."""
        self._without_reason[model] = 0

    def is_whole(self, model: T) -> bool:
        """Returns whether an answer that ended with `[DONE]` alone is whole, and counts it."""
        if model not in self._without_reason:
            return True
        self._without_reason[model] += 1
        return self._without_reason[model] > BROKEN_IN_A_ROW
