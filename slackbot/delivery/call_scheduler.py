"""The workspace's budget for calls to Slack: a clock reading in, a decision out.

Slack limits each method per workspace, not per message. So all replies being written share one
Pacer: each makes a claim for its next call, and the Pacer says whose turn it is, and when. Endings
come first, then first texts, then interim texts, the stalest reply first. Limits:
https://docs.slack.dev/apis/web-api/rate-limits and the pages of the methods.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from math import inf, log10
from typing import Literal

from slackbot.delivery.rate_budget import RateBudget

Method = Literal[
    "chat.postMessage",
    "chat.update",
    "chat.startStream",
    "chat.appendStream",
    "chat.stopStream",
    "chat.delete",
]

StreamingMode = Literal["edit", "native"]
"""How a message grows: edited again and again, or as a stream of Slack's own."""

OPENING_METHODS: Collection[Method] = ("chat.postMessage", "chat.startStream")
ENDING_METHODS: Mapping[Method, Method] = {
    "chat.postMessage": "chat.update",
    "chat.startStream": "chat.stopStream",
}
INTERIM_CALLS: Mapping[StreamingMode, Method] = {
    "edit": "chat.update",
    "native": "chat.appendStream",
}

MIN_CALL_GAP_SECONDS = 0.3
"""Seconds between two calls for one reply, at the least."""

INITIAL_WRITING_SECONDS = 8.0
"""Seconds that a reply takes to be written, until this workspace's own are known."""

MAX_WRITING_SECONDS = 60.0
"""A reply that took longer counts as one that took so long."""

STALE_SECONDS = 10.0
"""Seconds after which a message that does not show the newest text has stood still for long."""

MIN_REMAINING_SECONDS = 2.0
"""Seconds that a reply is always expected to take yet."""


class Priority(IntEnum):
    """The order of claims on the budget."""

    ENDING = 0
    FIRST = 1
    INTERIM = 2


@dataclass(eq=False, slots=True)
class ActiveReply:
    """A reply from its beginning to its end; it `owes` a call for its end once it has appeared."""

    started: float
    mode: StreamingMode
    owes_ending: bool = False


@dataclass(eq=False, slots=True)
class CallRequest:
    """One reply's wish to make one call; `since` is when what it shows was last up to date."""

    active_reply: ActiveReply
    method: Method
    channel: str
    priority: Priority
    since: float

    def rank(self, now: float) -> Priority:
        """Its place in the order: a message that stood still for long is as urgent as a new one."""
        if self.priority is Priority.INTERIM and now >= self.since + STALE_SECONDS:
            return Priority.FIRST
        return self.priority


@dataclass(frozen=True, slots=True)
class ModeLoad:
    """The replies that fly by one transport: how many, how many of them owe a call for their end,
    and the seconds between two interim texts of one.
    """

    count: int
    owed_endings: int
    gap_seconds: float


@dataclass(slots=True)
class CallScheduler:
    """Who may call Slack next: holds the claims and the budgets of one workspace."""

    budgets: dict[str, RateBudget] = field(
        default_factory=lambda: {
            "chat.postMessage": RateBudget(200),  # «several hundred a minute»
            "chat.update": RateBudget(50),
            "chat.startStream": RateBudget(20),
            "chat.appendStream": RateBudget(100),
            "chat.stopStream": RateBudget(20),
            "chat.delete": RateBudget(50),
        }
    )
    _channel_budgets: dict[str, RateBudget] = field(default_factory=dict)
    """Each channel's: about one post a second, and short bursts pass."""
    _requests: list[CallRequest] = field(default_factory=list)
    _active_replies: list[ActiveReply] = field(default_factory=list)
    _writing_seconds: float = INITIAL_WRITING_SECONDS

    def begin_reply(self, now: float, mode: StreamingMode) -> ActiveReply:
        """A reply begins to be written."""
        self._active_replies.append(ActiveReply(now, mode))
        return self._active_replies[-1]

    def finish_model(self, active_reply: ActiveReply, now: float) -> None:
        """The model has come to its end; what is left is to show it."""
        self._writing_seconds += (
            min(now - active_reply.started, MAX_WRITING_SECONDS) - self._writing_seconds
        ) / 5

    def end_reply(self, active_reply: ActiveReply) -> None:
        """Its end stands in Slack, or it was given up."""
        self._active_replies.remove(active_reply)

    def add(self, call_request: CallRequest) -> None:
        self._requests.append(call_request)

    def withdraw(self, call_request: CallRequest) -> None:
        if call_request in self._requests:
            self._requests.remove(call_request)

    def grant(self, now: float) -> CallRequest | None:
        """The claim whose turn it is, its call counted as made; None while all have to wait."""
        load = self._load(now)
        for call_request in sorted(self._requests, key=lambda each: (each.rank(now), each.since)):
            if self._ready_at(call_request, now, load) <= now:
                self._requests.remove(call_request)
                for budget in self._budgets_of(call_request, now):
                    budget.spend(now)
                if call_request.method in OPENING_METHODS:
                    call_request.active_reply.owes_ending = (
                        call_request.priority is not Priority.ENDING
                    )
                return call_request
        return None

    def wakes_at(self, now: float) -> float | None:
        """When it is worth asking again; None while nobody waits for a time."""
        load = self._load(now)
        times = [self._ready_at(call_request, now, load) for call_request in self._requests]
        return min((time for time in times if time < inf), default=None)

    def refuse(self, method: str, channel: str, now: float, retry_after: float) -> None:
        """Slack answered 429 and asked to wait for `retry_after` seconds."""
        if method in self.budgets:
            self.budgets[method].refuse(now, retry_after)
        if method == "chat.postMessage":
            self._channel_budget(channel, now).refuse(now, retry_after)

    def better_mode(self, now: float) -> StreamingMode:
        """Which of the two has more to give to one reply more."""
        load = self._load(now)
        edits, streams = load["edit"].count, load["native"].count
        starts = self.budgets["chat.startStream"].opens_at(now)
        stops = self.budgets["chat.stopStream"].opens_at(now, reserve=streams)
        if max(starts, stops) > now:
            return "edit"
        appended = self.budgets["chat.appendStream"].room(now) / (streams + 1)
        return (
            "native" if appended > self.budgets["chat.update"].room(now) / (edits + 1) else "edit"
        )

    def _ready_at(
        self, call_request: CallRequest, now: float, load: Mapping[StreamingMode, ModeLoad]
    ) -> float:
        """A first text waits until its ending can be afforded too: it can appear whole instead."""
        mode_load = load[call_request.active_reply.mode]
        if call_request.priority is Priority.INTERIM:
            stale = call_request.since + STALE_SECONDS
            count = mode_load.owed_endings if now >= stale else mode_load.count
            reserve = count if call_request.method == "chat.update" else 0
            opens_at = self.budgets[call_request.method].opens_at(now, reserve)
            if opens_at > now:
                return opens_at if now >= stale else min(opens_at, stale)
            return max(
                now,
                min(call_request.since + max(mode_load.gap_seconds, MIN_CALL_GAP_SECONDS), stale),
            )
        opens_at = max(budget.opens_at(now) for budget in self._budgets_of(call_request, now))
        if call_request.priority is Priority.FIRST:
            ended_by = ENDING_METHODS.get(call_request.method, "chat.update")
            opens_at = max(opens_at, self.budgets[ended_by].opens_at(now, mode_load.owed_endings))
        return opens_at

    def _load(self, now: float) -> Mapping[StreamingMode, ModeLoad]:
        """What flies by each transport, and how often each of those replies may be shown.

        What the budget holds beyond the endings is spread over the time that the replies are
        expected to take yet, so that each text is worth as much as the next. The fewer they are,
        the more is set set_aside for those that take longer than that.
        """
        loads: dict[StreamingMode, ModeLoad] = {}
        for mode, method in INTERIM_CALLS.items():
            replies = [each for each in self._active_replies if each.mode == mode]
            count, budget = len(replies), self.budgets[method]
            owed_endings = sum(each.owes_ending for each in replies)
            gap_seconds = inf
            if replies:
                remaining_seconds = sum(
                    max(self._writing_seconds - (now - each.started), MIN_REMAINING_SECONDS)
                    for each in replies
                )
                set_aside = budget.allowance / 2 * max(1 - log10(count), 0.0)
                endings = count if method == "chat.update" else 0
                remaining = max(budget.room(now) - endings - set_aside, 0.0)
                calls_per_second = set_aside / budget.window_seconds + (
                    (remaining + count) * count / remaining_seconds if remaining else 0
                )
                gap_seconds = count / calls_per_second if calls_per_second else inf
            loads[mode] = ModeLoad(count, owed_endings, gap_seconds)
        return loads

    def _budgets_of(self, call_request: CallRequest, now: float) -> tuple[RateBudget, ...]:
        """What the claim's call counts against."""
        budget = self.budgets[call_request.method]
        if call_request.method != "chat.postMessage":
            return (budget,)
        return (budget, self._channel_budget(call_request.channel, now))

    def _channel_budget(self, channel: str, now: float) -> RateBudget:
        if channel not in self._channel_budgets:
            idle = [each for each, budget in self._channel_budgets.items() if not budget.used(now)]
            for each in idle:
                del self._channel_budgets[each]
            self._channel_budgets[channel] = RateBudget(5, 6.0)
        return self._channel_budgets[channel]
