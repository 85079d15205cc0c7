"""Finds out which of a request's pictures, documents and recordings a server does not take.

A server that refuses one of them rarely says which. So they are left out one by one, the newest
first, since the older ones were taken before; then all new ones, then all. What is left out is
remembered by its content, so the thread goes on without it.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from slackbot.llm.openai.media import InputKey, MediaFeature

MAX_SUSPECTS = 5
"""How many inputs are left out one by one: each costs a request."""


@dataclass(frozen=True, slots=True)
class SentInput:
    key: InputKey
    feature: MediaFeature
    is_new: bool
    """Somebody sent it since the last answer."""


class InputNegotiation:
    def __init__(
        self,
        inputs: Sequence[SentInput] = (),
        rejected: frozenset[InputKey] = frozenset(),
        max_images: int | None = None,
    ) -> None:
        """`inputs` are those of a request, oldest first. The server is known to refuse the
        `rejected` ones, and to take at most `max_images`.
        """
        self._inputs = inputs
        self._rejected = rejected
        self.max_images = max_images
        """How many images are sent at most; None if there is no limit."""
        self.new_limit: int | None = None
        """The same, if it was not known before."""
        self.omitted = self._with_rejected(frozenset())
        """What the next attempt leaves out."""

    @property
    def newly_rejected(self) -> frozenset[InputKey]:
        """What was left out because the server refused it, and was not known before."""
        return self.omitted - self._rejected - self._surplus(self._rejected)

    def keep_images(self, limit: int) -> bool:
        """Leaves out all but the newest images; false if that changes nothing.

        Where the server does not say how many it takes, half of them are kept.
        """
        images = [each for each in self._remaining if each.feature == "image_url"]
        if not 0 < limit < len(images):
            limit = len(images) // 2
        if limit == 0:
            return False
        rejected, before = self.newly_rejected, self.omitted
        self.max_images = self.new_limit = limit
        self.omitted = self._with_rejected(rejected)
        return self.omitted != before

    def guesses(
        self, feature: MediaFeature | None = None, *, together: bool = False
    ) -> Iterator[frozenset[InputKey]]:
        """What to leave out, one guess after the other: only inputs of this kind, if one is given.

        With `together` no time is lost on single ones.
        """
        suspects = [each for each in self._remaining if feature in (None, each.feature)]
        known = self.omitted
        tried: set[frozenset[InputKey]] = set()
        new = frozenset(each.key for each in suspects if each.is_new)
        single = [] if together else [frozenset({each.key}) for each in reversed(suspects)]
        for keys in (*single[:MAX_SUSPECTS], new, frozenset(each.key for each in suspects)):
            if keys and keys not in tried:
                tried.add(keys)
                yield known | keys

    @property
    def _remaining(self) -> list[SentInput]:
        return [each for each in self._inputs if each.key not in self.omitted]

    def _with_rejected(self, more: frozenset[InputKey]) -> frozenset[InputKey]:
        rejected = self._rejected | more
        return rejected | self._surplus(rejected)

    def _surplus(self, rejected: frozenset[InputKey]) -> frozenset[InputKey]:
        """The oldest images, if there are too many without the rejected ones. One that was sent
        twice counts twice.
        """
        if self.max_images is None:
            return frozenset()
        images = [each.key for each in self._inputs if each.feature == "image_url"]
        counts = Counter(key for key in images if key not in rejected)
        surplus, kept = set(), 0
        for key in dict.fromkeys(key for key in reversed(images) if key in counts):
            kept += counts[key]
            if kept > self.max_images:
                surplus.add(key)
        return frozenset(surplus)
