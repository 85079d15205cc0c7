"""Spreads the requests that one question costs, when people change it again and again.

A question that is edited while it is answered is answered from its beginning, and each time the
model is asked. The first change counts at once; then a question waits between two requests, longer
each time, and is asked as it reads by then. Regenerate, and questions that are deleted while they
are answered, count the same, whichever thread their person asks in next. Others do not wait for it.
Pure: the clock is an argument.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from cachetools import LRUCache

from slackbot.conversation.ids import Ts, UserId
from slackbot.conversation.messages import ThreadKey

PAUSES_SECONDS = (0.0, 2.0, 4.0, 8.0, 16.0, 30.0)
"""At least so long after a request the next one for the same question is made; the last repeats."""

FORGET_SECONDS = 120.0
"""After so long without a request the next change counts at once again."""

MAX_REQUESTERS = 10_000
"""People, and people in threads."""


@dataclass(frozen=True, slots=True)
class _LastRequest:
    """The last request for one person, in a thread or anywhere."""

    at: float
    asked: frozenset[Ts]
    repeats: int = 0
    """How many requests before it were for the same question."""
    withdrawn: bool = False
    """People changed or deleted what it was for, while it was answered."""


class RestartPacer:
    def __init__(self, pauses_seconds: Sequence[float] = PAUSES_SECONDS) -> None:
        self._pauses = pauses_seconds
        self._last: LRUCache[_Key, _LastRequest] = LRUCache(MAX_REQUESTERS)

    def delay(
        self, thread: ThreadKey, requester: UserId, asked: Collection[Ts], now: float
    ) -> float:
        """How many seconds to wait until the model is asked these messages of a person."""
        lasts = [self._last_of(key, asked, now) for key in _keys(thread, requester)]
        return max([0.0, *(self._due(last) - now for last in lasts if last is not None)])

    def begin(
        self, thread: ThreadKey, requester: UserId, asked: Collection[Ts], now: float
    ) -> None:
        """Notes that the model is asked these messages."""
        for key in _keys(thread, requester):
            last = self._last_of(key, asked, now)
            repeats = 0 if last is None else last.repeats + 1
            self._last[key] = _LastRequest(now, frozenset(asked), repeats)

    def withdraw(self, thread: ThreadKey, requester: UserId) -> None:
        """Notes that what the model was asked last for a person in a thread counts no longer."""
        in_thread = self._last.get((thread, requester))
        for key in _keys(thread, requester):
            last = self._last.get(key)
            if last is not None and in_thread is not None and last.asked == in_thread.asked:
                self._last[key] = replace(last, withdrawn=True)

    def _due(self, last: _LastRequest) -> float:
        return last.at + self._pauses[min(last.repeats, len(self._pauses) - 1)]

    def _last_of(self, key: "_Key", asked: Collection[Ts], now: float) -> _LastRequest | None:
        """The last request, if the next one repeats it or takes its place."""
        last = self._last.get(key)
        if last is None or now - last.at > FORGET_SECONDS:
            return None
        return last if last.withdrawn or not last.asked.isdisjoint(asked) else None


_Key = tuple[ThreadKey, UserId] | UserId


def _keys(thread: ThreadKey, requester: UserId) -> tuple[_Key, ...]:
    """A person in a thread, and the same person anywhere."""
    return (thread, requester), requester
