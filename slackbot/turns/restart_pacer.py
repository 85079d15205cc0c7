"""Spreads the requests that one question costs, when people change it again and again.

A question that is edited while it is answered is answered from its beginning, and each time the
model is asked. The first change counts at once; then a question waits between two requests, longer
each time, and is asked as it reads by then. Regenerate counts the same. So does a question that is
deleted while it is answered, if the next one comes in its thread or from the same person. Pure: the
clock is an argument.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from cachetools import LRUCache

from slackbot.conversation.ids import Ts, UserId
from slackbot.conversation.messages import ThreadKey

PAUSES_SECONDS = (0.0, 2.0, 4.0, 8.0, 16.0, 30.0)
"""At least so long after a request the next one for the same question is made; the last repeats."""

FORGET_SECONDS = 120.0
"""After so long without a request the next change counts at once again."""

MAX_REQUESTS = 10_000


@dataclass(frozen=True, slots=True)
class Question:
    """What the model is asked at once."""

    thread: ThreadKey
    requester: UserId
    asked: frozenset[Ts]
    """The messages that are answered."""


@dataclass(frozen=True, slots=True)
class _Request:
    """The last request in a thread, or for a person."""

    at: float
    asked: frozenset[Ts]
    repeats: int = 0
    """How many requests before it were for the same question."""
    withdrawn: bool = False
    """People changed or deleted what it was for, while it was answered."""


class RestartPacer:
    def __init__(self, pauses_seconds: Sequence[float] = PAUSES_SECONDS) -> None:
        self._pauses = pauses_seconds
        self._last: LRUCache[ThreadKey | UserId, _Request] = LRUCache(MAX_REQUESTS)

    def delay(self, question: Question, now: float) -> float:
        """How many seconds to wait until the model is asked."""
        return max(self._delay(key, question, now) for key in _keys(question))

    def begin(self, question: Question, now: float) -> None:
        """Notes that the model is asked."""
        for key in _keys(question):
            last = self._last_of(key, question, now)
            repeats = 0 if last is None else last.repeats + 1
            self._last[key] = _Request(now, question.asked, repeats)

    def withdraw(self, question: Question) -> None:
        """Notes that what the model was asked counts no longer."""
        for key in _keys(question):
            last = self._last.get(key)
            if last is not None and not last.asked.isdisjoint(question.asked):
                self._last[key] = replace(last, withdrawn=True)

    def _delay(self, key: ThreadKey | UserId, question: Question, now: float) -> float:
        last = self._last_of(key, question, now)
        if last is None:
            return 0.0
        pause = self._pauses[min(last.repeats, len(self._pauses) - 1)]
        return max(last.at + pause - now, 0.0)

    def _last_of(self, key: ThreadKey | UserId, question: Question, now: float) -> _Request | None:
        """The last request, if the next one repeats it or takes its place."""
        last = self._last.get(key)
        if last is None or now - last.at > FORGET_SECONDS:
            return None
        return last if last.withdrawn or not last.asked.isdisjoint(question.asked) else None


def _keys(question: Question) -> tuple[ThreadKey | UserId, ...]:
    return question.thread, question.requester
