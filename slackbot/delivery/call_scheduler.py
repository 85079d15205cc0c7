"""Decides which reply may call Slack next. Pure: takes the time, returns a decision.

Slack limits each method per workspace, not per message. So all replies of a workspace share one
scheduler: each requests its next call, and the scheduler says which request is granted, and when.
Endings come first, then first texts, then interim texts, the stalest reply first. Limits:
https://docs.slack.dev/apis/web-api/rate-limits and the pages of the methods.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from math import inf, log10
from typing import Literal

from slackbot.conversation.ids import ChannelId
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
"""How a message grows: by edits, or as one of Slack's streams."""

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
"""Between two interim calls for one reply."""

INITIAL_WRITING_SECONDS = 8.0
"""The expected time to write a reply, until the workspace's own average is known."""

MAX_WRITING_SECONDS = 60.0
"""A longer reply counts as one of this length in the average."""

STALE_SECONDS = 10.0
"""A message that has not shown new text for this long becomes urgent."""

MIN_REMAINING_SECONDS = 2.0
"""A running reply is always expected to take at least this much longer."""


class Priority(IntEnum):
    """The order in which calls are granted."""

    ENDING = 0
    FIRST = 1
    INTERIM = 2


@dataclass(eq=False, slots=True)
class ActiveReply:
    """A reply that is being written. Once it is visible, it still owes a call for its ending."""

    started: float
    mode: StreamingMode
    owes_ending: bool = False


@dataclass(eq=False, slots=True)
class CallRequest:
    """A reply's request for one call; `since` is when the message last showed the newest text."""

    active_reply: ActiveReply
    method: Method
    channel: ChannelId
    priority: Priority
    since: float

    def rank(self, now: float) -> Priority:
        """The current priority: a stale message is as urgent as a new one."""
        if self.priority is Priority.INTERIM and now >= self.since + STALE_SECONDS:
            return Priority.FIRST
        return self.priority


@dataclass(frozen=True, slots=True)
class ModeLoad:
    """The replies of one mode: their number, how many of them owe a call for their ending, and the
    time between two interim calls for one of them.
    """

    count: int
    owed_endings: int
    gap_seconds: float


@dataclass(slots=True)
class CallScheduler:
    """Holds the requests and the budgets of one workspace. Times are in seconds."""

    budgets: dict[str, RateBudget] = field(
        default_factory=lambda: {
            "chat.postMessage": RateBudget(200),  # Slack documents "several hundred" a minute
            "chat.update": RateBudget(50),
            "chat.startStream": RateBudget(20),
            "chat.appendStream": RateBudget(100),
            "chat.stopStream": RateBudget(20),
            "chat.delete": RateBudget(50),
        }
    )
    _channel_budgets: dict[str, RateBudget] = field(default_factory=dict)
    """For posts, by channel: Slack accepts about one a second, and short bursts."""
    _requests: list[CallRequest] = field(default_factory=list)
    _active_replies: list[ActiveReply] = field(default_factory=list)
    _writing_seconds: float = INITIAL_WRITING_SECONDS

    def begin_reply(self, now: float, mode: StreamingMode) -> ActiveReply:
        """Adds a reply that is being written."""
        self._active_replies.append(ActiveReply(now, mode))
        return self._active_replies[-1]

    def finish_model(self, active_reply: ActiveReply, now: float) -> None:
        """Notes that the model has finished; only the ending is left to show."""
        self._writing_seconds += (
            min(now - active_reply.started, MAX_WRITING_SECONDS) - self._writing_seconds
        ) / 5

    def end_reply(self, active_reply: ActiveReply) -> None:
        """Removes a reply: its ending is in Slack, or it was given up."""
        self._active_replies.remove(active_reply)

    def add(self, call_request: CallRequest) -> None:
        self._requests.append(call_request)

    def withdraw(self, call_request: CallRequest) -> None:
        if call_request in self._requests:
            self._requests.remove(call_request)

    def grant(self, now: float) -> CallRequest | None:
        """Returns the request to make now, and counts its call; None if all must wait."""
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
        """Returns when `grant` should be called again; None if no request waits for a time."""
        load = self._load(now)
        times = [self._ready_at(call_request, now, load) for call_request in self._requests]
        return min((time for time in times if time < inf), default=None)

    def refuse(self, method: str, channel: ChannelId, now: float, retry_after: float) -> None:
        """Notes that Slack refused a call with 429 and asked to wait `retry_after` seconds."""
        if method in self.budgets:
            self.budgets[method].refuse(now, retry_after)
        if method == "chat.postMessage":
            self._channel_budget(channel, now).refuse(now, retry_after)

    def better_mode(self, now: float) -> StreamingMode:
        """Returns the mode that has more budget left for another reply."""
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
        """A first text waits until the budget covers its ending too, and may appear complete."""
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
        """Returns the load of each mode.

        The budget that the endings leave is spread evenly over the expected remaining time of the
        replies. The fewer replies there are, the more is set aside for those that take longer.
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
        """The budgets that the request's call counts against."""
        budget = self.budgets[call_request.method]
        if call_request.method != "chat.postMessage":
            return (budget,)
        return (budget, self._channel_budget(call_request.channel, now))

    def _channel_budget(self, channel: ChannelId, now: float) -> RateBudget:
        if channel not in self._channel_budgets:
            idle = [each for each, budget in self._channel_budgets.items() if not budget.used(now)]
            for each in idle:
                del self._channel_budgets[each]
            self._channel_budgets[channel] = RateBudget(5, 6.0)
        return self._channel_budgets[channel]
