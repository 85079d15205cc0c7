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

BEGINNINGS: Collection[Method] = ("chat.postMessage", "chat.startStream")
ENDED_BY: Mapping[Method, Method] = {
    "chat.postMessage": "chat.update",
    "chat.startStream": "chat.stopStream",
}
INTERIM_CALLS: Mapping[StreamingMode, Method] = {
    "edit": "chat.update",
    "native": "chat.appendStream",
}

LIVELY = 0.3
"""Seconds between two calls for one reply, at the least."""

USUAL = 8.0
"""Seconds that a reply takes to be written, until this workspace's own are known."""

LONGEST = 60.0
"""A reply that took longer counts as one that took so long."""

STALE = 10.0
"""Seconds after which a message that does not show the newest text has stood still for long."""

LEAST = 2.0
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
    owes: bool = False


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
        if self.priority is Priority.INTERIM and now >= self.since + STALE:
            return Priority.FIRST
        return self.priority


@dataclass(frozen=True, slots=True)
class Load:
    """The replies that fly by one transport: how many, how many of them owe a call for their end,
    and the seconds between two interim texts of one.
    """

    count: int
    owed: int
    gap: float


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
    _posts_in: dict[str, RateBudget] = field(default_factory=dict)
    """Each channel's: about one post a second, and short bursts pass."""
    _claims: list[CallRequest] = field(default_factory=list)
    _flights: list[ActiveReply] = field(default_factory=list)
    _usual: float = USUAL

    def enter(self, now: float, mode: StreamingMode) -> ActiveReply:
        """A reply begins to be written."""
        self._flights.append(ActiveReply(now, mode))
        return self._flights[-1]

    def written(self, active_reply: ActiveReply, now: float) -> None:
        """The model has come to its end; what is left is to show it."""
        self._usual += (min(now - active_reply.started, LONGEST) - self._usual) / 5

    def leave(self, active_reply: ActiveReply) -> None:
        """Its end stands in Slack, or it was given up."""
        self._flights.remove(active_reply)

    def ask(self, call_request: CallRequest) -> None:
        self._claims.append(call_request)

    def withdraw(self, call_request: CallRequest) -> None:
        if call_request in self._claims:
            self._claims.remove(call_request)

    def grant(self, now: float) -> CallRequest | None:
        """The claim whose turn it is, its call counted as made; None while all have to wait."""
        load = self._load(now)
        for call_request in sorted(self._claims, key=lambda each: (each.rank(now), each.since)):
            if self._ready_at(call_request, now, load) <= now:
                self._claims.remove(call_request)
                for budget in self._spent_by(call_request, now):
                    budget.spend(now)
                if call_request.method in BEGINNINGS:
                    call_request.active_reply.owes = call_request.priority is not Priority.ENDING
                return call_request
        return None

    def wakes_at(self, now: float) -> float | None:
        """When it is worth asking again; None while nobody waits for a time."""
        load = self._load(now)
        times = [self._ready_at(call_request, now, load) for call_request in self._claims]
        return min((time for time in times if time < inf), default=None)

    def refuse(self, method: str, channel: str, now: float, retry_after: float) -> None:
        """Slack answered 429 and asked to wait for `retry_after` seconds."""
        if method in self.budgets:
            self.budgets[method].refuse(now, retry_after)
        if method == "chat.postMessage":
            self._posts_in_channel(channel, now).refuse(now, retry_after)

    def better_mode(self, now: float) -> StreamingMode:
        """Which of the two has more to give to one reply more."""
        load = self._load(now)
        edits, streams = load["edit"].count, load["native"].count
        starts = self.budgets["chat.startStream"].opens_at(now)
        stops = self.budgets["chat.stopStream"].opens_at(now, keep=streams)
        if max(starts, stops) > now:
            return "edit"
        appended = self.budgets["chat.appendStream"].room(now) / (streams + 1)
        return (
            "native" if appended > self.budgets["chat.update"].room(now) / (edits + 1) else "edit"
        )

    def _ready_at(
        self, call_request: CallRequest, now: float, load: Mapping[StreamingMode, Load]
    ) -> float:
        """A first text waits until its ending can be afforded too: it can appear whole instead."""
        flying = load[call_request.active_reply.mode]
        if call_request.priority is Priority.INTERIM:
            stale = call_request.since + STALE
            count = flying.owed if now >= stale else flying.count
            keep = count if call_request.method == "chat.update" else 0
            opens_at = self.budgets[call_request.method].opens_at(now, keep)
            if opens_at > now:
                return opens_at if now >= stale else min(opens_at, stale)
            return max(now, min(call_request.since + max(flying.gap, LIVELY), stale))
        opens_at = max(budget.opens_at(now) for budget in self._spent_by(call_request, now))
        if call_request.priority is Priority.FIRST:
            ended_by = ENDED_BY.get(call_request.method, "chat.update")
            opens_at = max(opens_at, self.budgets[ended_by].opens_at(now, flying.owed))
        return opens_at

    def _load(self, now: float) -> Mapping[StreamingMode, Load]:
        """What flies by each transport, and how often each of those replies may be shown.

        What the budget holds beyond the endings is spread over the time that the replies are
        expected to take yet, so that each text is worth as much as the next. The fewer they are,
        the more is set aside for those that take longer than that.
        """
        loads: dict[StreamingMode, Load] = {}
        for mode, method in INTERIM_CALLS.items():
            flights = [each for each in self._flights if each.mode == mode]
            count, budget = len(flights), self.budgets[method]
            owed = sum(each.owes for each in flights)
            gap = inf
            if flights:
                ahead = sum(max(self._usual - (now - each.started), LEAST) for each in flights)
                aside = budget.allowance / 2 * max(1 - log10(count), 0.0)
                endings = count if method == "chat.update" else 0
                spare = max(budget.room(now) - endings - aside, 0.0)
                a_second = aside / budget.window + ((spare + count) * count / ahead if spare else 0)
                gap = count / a_second if a_second else inf
            loads[mode] = Load(count, owed, gap)
        return loads

    def _spent_by(self, call_request: CallRequest, now: float) -> tuple[RateBudget, ...]:
        """What the claim's call counts against."""
        budget = self.budgets[call_request.method]
        if call_request.method != "chat.postMessage":
            return (budget,)
        return (budget, self._posts_in_channel(call_request.channel, now))

    def _posts_in_channel(self, channel: str, now: float) -> RateBudget:
        if channel not in self._posts_in:
            quiet = [each for each, budget in self._posts_in.items() if not budget.used(now)]
            for each in quiet:
                del self._posts_in[each]
            self._posts_in[channel] = RateBudget(5, 6.0)
        return self._posts_in[channel]
