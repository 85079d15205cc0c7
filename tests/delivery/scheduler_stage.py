"""Replies and a Slack on a virtual clock, for tests of the call scheduler."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush
from math import inf

from slackbot.conversation.ids import ChannelId
from slackbot.delivery.call_budgets import Method
from slackbot.delivery.call_request import ActiveReply, CallRequest, Priority
from slackbot.delivery.call_scheduler import CallScheduler
from slackbot.delivery.streaming_mode import (
    ENDING_CALLS,
    INTERIM_CALLS,
    OPENING_CALLS,
    StreamingMode,
)

MINUTE = 60.0


@dataclass(eq=False)
class Talk:
    """A reply that has news all the time: it wants to begin, to show them, and to end."""

    start: float
    length: float
    modes: Sequence[StreamingMode]
    channel: str = "C1"
    reply: ActiveReply | None = None
    call_request: CallRequest | None = None
    ended: bool = False
    shown_at: list[float] = field(default_factory=list)
    """When it was changed visibly."""
    ending_asked_at: float | None = None
    ending_granted_at: float = 0.0

    @property
    def appeared(self) -> bool:
        return bool(self.shown_at)

    def ask(self, scheduler: CallScheduler, now: float) -> None:
        assert self.reply is not None
        over = now >= self.start + self.length
        method: Method
        if not self.appeared:
            method = OPENING_CALLS["edit" if over else self.modes[0]]
        else:
            assert self.reply.mode is not None
            method = (ENDING_CALLS if over else INTERIM_CALLS)[self.reply.mode]
        growing = Priority.INTERIM if self.appeared else Priority.FIRST
        priority = Priority.ENDING if over else growing
        self.call_request = CallRequest(self.reply, method, ChannelId(self.channel), priority)
        if over and self.ending_asked_at is None:
            self.ending_asked_at = now
            scheduler.finish_model(self.reply, now)
        scheduler.add(self.call_request, now)


@dataclass
class CountingSlack:
    """Takes so many calls of a method in any minute, each at a moment on its way."""

    limits: Mapping[Method, int]
    seconds_between_posts: Mapping[str, float] = field(default_factory=dict)
    """In the channels that take them slowly."""
    passed: dict[Method, list[float]] = field(default_factory=dict)
    refused: Counter[Method] = field(default_factory=Counter)
    _posted_at: dict[str, float] = field(default_factory=dict)

    def retry_after(self, method: Method, at: float, channel: str) -> float:
        """0 for a call that passes."""
        if method == "chat.postMessage" and channel in self.seconds_between_posts:
            least = self._posted_at.get(channel, -inf) + self.seconds_between_posts[channel]
            if at < least:
                self.refused[method] += 1
                return least - at
            self._posted_at[channel] = at
        calls = self.passed.setdefault(method, [])
        recent = sorted(each for each in calls if each > at - MINUTE)
        limit = self.limits[method]
        if len(recent) < limit:
            calls.append(at)
            return 0.0
        self.refused[method] += 1
        return recent[-limit] + MINUTE - at


class Stage:
    """Plays talks to their end. Each of the `latencies` is the time that a call takes, and the part
    of it after which Slack counts the call.
    """

    def __init__(
        self,
        talks: Sequence[Talk],
        slack: CountingSlack,
        latencies: Iterator[tuple[float, float]],
        scheduler: CallScheduler,
    ) -> None:
        self._talks = talks
        self._slack = slack
        self._latencies = latencies
        self._scheduler = scheduler
        self._now = 0.0
        self._calling: dict[Talk, float] = {}
        """What Slack answers: 0, or its Retry-After."""
        self._events: list[tuple[float, int, int]] = []

    def play(self) -> None:
        for number, talk in enumerate(self._talks):
            self._events += [(talk.start, 0, number), (talk.start + talk.length, 1, number)]
        heapify(self._events)
        while (wakes_at := self._scheduler.wakes_at(self._now)) is not None or self._events:
            if wakes_at is not None and (not self._events or wakes_at < self._events[0][0]):
                self._now = max(self._now, wakes_at)
                self._grant()
            else:
                self._now, kind, number = heappop(self._events)
                self._handle(kind, self._talks[number])

    def _grant(self) -> None:
        while (granted := self._scheduler.grant(self._now)) is not None:
            number, talk = next(
                (number, talk)
                for number, talk in enumerate(self._talks)
                if talk.call_request is granted
            )
            seconds, share = next(self._latencies)
            arrives_at = self._now + seconds * share
            self._calling[talk] = self._slack.retry_after(
                granted.method, arrives_at, granted.channel
            )
            talk.ending_granted_at = self._now
            heappush(self._events, (self._now + seconds, 2, number))

    def _handle(self, kind: int, talk: Talk) -> None:
        """The begin of a reply, the end of its model, or the answer to its call."""
        if kind == 0:
            talk.reply = self._scheduler.begin_reply(self._now, talk.modes)
        elif kind == 1 and talk not in self._calling and talk.call_request and not talk.ended:
            self._scheduler.withdraw(talk.call_request)
        elif kind == 2:
            self._take_answer(talk, self._calling.pop(talk))
        if talk not in self._calling and not talk.ended:
            talk.ask(self._scheduler, self._now)

    def _take_answer(self, talk: Talk, retry_after: float) -> None:
        granted = talk.call_request
        assert granted is not None
        if retry_after:
            self._scheduler.refuse_call(granted, self._now, retry_after)
            return
        self._scheduler.end_call(granted, self._now)
        talk.shown_at.append(self._now)
        talk.ended = granted.priority is Priority.ENDING
        if talk.ended:
            self._scheduler.end_reply(granted.reply)
