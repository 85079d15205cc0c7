"""Decides which reply may call Slack next. Pure: takes the time, returns a decision.

Slack limits each method per workspace, not per message. So all replies of a workspace share one
scheduler: each requests its next call, and the scheduler says which request is granted, and when.
Endings come first, then the buttons of an approval, then first texts, then interim texts, the
stalest reply first.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import inf

from slackbot.conversation.ids import ChannelId
from slackbot.delivery.call_budgets import (
    POST_WINDOW_SECONDS,
    POSTS_IN_A_ROW,
    CallBudgets,
    Method,
)
from slackbot.delivery.call_request import STALE_SECONDS, ActiveReply, CallRequest, Priority
from slackbot.delivery.demand import Demand
from slackbot.delivery.rate_memory import RateMemory
from slackbot.delivery.step_plan import ExpectedReplies, StepPlan, equal_parts
from slackbot.delivery.step_plans import StepPlans
from slackbot.delivery.streaming_mode import (
    ENDING_CALLS,
    INTERIM_CALLS,
    OPENING_CALLS,
    StreamingMode,
    mode_of,
)

PRECISION_SECONDS = 0.02
"""A plan changes a little all the time: no call waits for less than this."""

MIN_STEP_SECONDS: Mapping[StreamingMode, float] = {"edit": 0.2, "native": 0.1}
"""Between two interim calls for one reply."""

PREFERENCE: Mapping[StreamingMode, float] = {"native": 1.0, "edit": 1.02}
"""Where replies lag about the same in both modes, streams have more calls for a longer reply."""

LONGER_FACTOR = 2.0
"""A mode is chosen that has calls for a reply which takes longer than expected."""

FEW_STEPS = 4.0
"""A reply with fewer steps than this begins with more than its first word."""

MAX_FIRST_STEP_SECONDS = 3.0

SPARE_ENDINGS = 1
"""Calls that interim texts leave for the ending of a reply that may begin at any time."""

MAX_LOST_STREAMS = 1
"""Calls that interim edits leave for the endings of streams that end early, and go on by edits."""


@dataclass(slots=True)
class CallScheduler:
    """Holds the requests and the budgets of one workspace. Times are in seconds."""

    modes: Sequence[StreamingMode]
    """How messages may grow."""
    budgets: CallBudgets = field(default_factory=CallBudgets)
    demand: Demand = field(default_factory=Demand)
    _requests: list[CallRequest] = field(default_factory=list)
    _replies: list[ActiveReply] = field(default_factory=list)
    _plans: StepPlans | None = None
    """For the present, until something changes."""
    _growing: Counter[StreamingMode | None] = field(default_factory=Counter)
    _owed: Counter[StreamingMode | None] = field(default_factory=Counter)
    _opening_in: Counter[ChannelId] = field(default_factory=Counter)
    """The replies in each mode, those of them that owe an ending, and the requests that open a
    message in each channel: counted once for all requests that are decided about together.
    """

    def begin_reply(
        self, now: float, modes: Sequence[StreamingMode], *, visible: bool = False
    ) -> ActiveReply:
        """Adds a reply that is being written, in these modes. One that is visible has a message
        already, which is edited.
        """
        mode: StreamingMode | None = "edit" if visible else None
        self._replies.append(ActiveReply(modes, mode, called=now, owes_ending=visible))
        self._plans = None
        return self._replies[-1]

    def finish_model(self, reply: ActiveReply, now: float) -> None:
        """Notes that the model has finished; only the ending is left to show."""
        self._leave_out_silence(reply, now)
        if reply.began is not None:
            self.demand.end(now, now - reply.began)

    def end_reply(self, reply: ActiveReply) -> None:
        """Removes a reply: its ending is in Slack, or it was given up."""
        self._replies.remove(reply)
        self._plans = None

    def add(self, call_request: CallRequest, now: float) -> None:
        self._leave_out_silence(call_request.reply, now)
        if call_request.reply.began is None:
            call_request.reply.began = call_request.reply.called = now
            self.demand.begin(now)
            self._plans = None
        self._requests.append(call_request)

    def withdraw(self, call_request: CallRequest) -> None:
        if call_request in self._requests:
            self._requests.remove(call_request)

    def grant(self, now: float) -> CallRequest | None:
        """Returns the request to make now, and counts its call; None if all must wait."""
        self._count()
        for call_request in sorted(self._requests, key=lambda each: each.rank(now)):
            method, ready_at = self._ready(call_request, now)
            if ready_at <= now:
                self._grant(call_request, method, now)
                return call_request
        return None

    def end_call(self, call_request: CallRequest, now: float) -> None:
        """Notes that Slack has answered a call, or never will."""
        self.budgets.end(call_request.method, call_request.channel, now)
        self._plans = None

    def refuse_call(self, call_request: CallRequest, now: float, retry_after: float) -> None:
        """Notes that Slack refused a call with 429, and asked to wait so many seconds."""
        self.budgets.refuse(call_request.method, call_request.channel, now, retry_after)
        self._plans = None

    def wakes_at(self, now: float) -> float | None:
        """Returns when `grant` should be called again; None if no request waits for a time."""
        self._count()
        times = (self._ready(call_request, now)[1] for call_request in self._requests)
        return min((time for time in times if time < inf), default=None)

    def memory(self, now: float, epoch: float, *, final: bool) -> RateMemory:
        """Returns the state to keep; `epoch` is the time of the clock's zero."""
        kept = self.budgets.memory(now, epoch, final=final)
        return replace(
            kept,
            lengths=tuple(round(each, 2) for each in self.demand.lengths),
            follow_ups=round(self.demand.follow_ups, 3),
        )

    def recall(self, memory: RateMemory, now: float, epoch: float) -> None:
        """Takes over the state that an earlier process kept."""
        self.budgets.recall(memory, now, epoch)
        self.demand.learn(*memory.lengths)
        if memory.follow_ups is not None:
            self.demand.follow_ups = memory.follow_ups
        self._plans = None

    def _grant(self, call_request: CallRequest, method: Method, now: float) -> None:
        self._requests.remove(call_request)
        self.budgets.begin(method, call_request.channel, now)
        call_request.method = method
        reply = call_request.reply
        reply.called, reply.mode = now, mode_of(method) or reply.mode
        if method in OPENING_CALLS.values():
            reply.owes_ending = call_request.priority is not Priority.ENDING
        self._plans = None

    def _ready(self, call_request: CallRequest, now: float) -> tuple[Method, float]:
        """Returns the call to make, and when it may be made as far as is known now."""
        method, channel = call_request.method, call_request.channel
        if call_request.opens:
            return self._opening(call_request, now)
        match call_request.priority:
            case Priority.ENDING:
                return method, self.budgets.opens_for_ending_at(method, channel, now)
            case Priority.APPROVAL | Priority.FIRST:
                opens_at = self.budgets.opens_at(method, channel, now)
                others = self._owed_endings("edit") - 1 if method == ENDING_CALLS["edit"] else 0
                return method, max(opens_at, self.budgets[method].opens_at(now, max(others, 0)))
            case Priority.INTERIM:
                known = self._plans_at(now).ready_at
                if call_request not in known:
                    known[call_request] = self._interim_at(call_request, now)
                return method, known[call_request]

    def _interim_at(self, call_request: CallRequest, now: float) -> float:
        """Returns when an interim text may be shown: in equal steps, and never at the cost of an
        ending. Where the plan has no call, it may be shown once the reply is stale.
        """
        reply, budget = call_request.reply, self.budgets[call_request.method]
        mode: StreamingMode = "edit" if call_request.method == INTERIM_CALLS["edit"] else "native"
        shared = ENDING_CALLS[mode] == call_request.method
        writing = 0.0 if reply.began is None else self.demand.remaining(now - reply.began)
        step = equal_parts(now - reply.called + writing, self._plans_at(now).step(mode))
        opens_at = budget.opens_at(now, self._possible_endings(mode) if shared else 0)
        planned_at = reply.called + max(step, MIN_STEP_SECONDS[mode])
        if max(opens_at, planned_at) < inf:
            return max(opens_at, planned_at if planned_at > now + PRECISION_SECONDS else now)
        opens_at = budget.opens_at(now, self._owed_endings(mode) if shared else 0)
        return max(opens_at, reply.called + STALE_SECONDS)

    def _opening(self, call_request: CallRequest, now: float) -> tuple[Method, float]:
        """Returns the call that begins a message, in the mode in which it is likely to lag least.

        A first text waits until the budget covers its ending too, and may appear complete.
        """
        began = now if call_request.reply.began is None else call_request.reply.began
        writing = self.demand.remaining(now - began)
        choices: list[tuple[float, float, Method]] = []
        for mode in call_request.modes:
            method = OPENING_CALLS[mode]
            step = max(
                self._plans_at(now).step(mode, joining=LONGER_FACTOR * writing),
                MIN_STEP_SECONDS[mode],
                self.budgets[INTERIM_CALLS[mode]].opens_at(now) - now,
            )
            opens_at = max(
                self.budgets.opens_at(method, call_request.channel, now),
                self.budgets[ENDING_CALLS[mode]].opens_at(now, self._owed_endings(mode)),
                began + self._first_step(call_request, mode, now - began + writing, step),
            )
            wait = opens_at - now
            rest = max(writing - wait, 0.0)
            lag = (now - began + wait / 2) * wait + rest * min(step, writing) / 2
            choices.append((lag * PREFERENCE[mode], opens_at, method))
        _, opens_at, method = min(choices)
        return method, opens_at

    def _first_step(
        self, call_request: CallRequest, mode: StreamingMode, whole: float, step: float
    ) -> float:
        """Returns how long a first text waits for more words: not at all, unless it would stand
        alone for long. In a channel that gets more posts than Slack takes at once, the next ones
        must not come after the end.
        """
        if step <= whole / FEW_STEPS:
            return 0.0
        first = min(whole / (1 + max(whole // step, 1.0)), MAX_FIRST_STEP_SECONDS)
        if mode == "edit" and self._opening_in[call_request.channel] > POSTS_IN_A_ROW:
            first = min(first, max(whole - POST_WINDOW_SECONDS, 0.0))
        return first

    def _plans_at(self, now: float) -> StepPlans:
        if self._plans is None or self._plans.now != now:
            writing = self._writing(now)
            begun = [now - each.began for each in writing if each.began is not None]
            expected = ExpectedReplies(
                self.demand.at_once(now),
                sorted(map(self.demand.remaining, begun)),
                sum(each.mode is None for each in writing),
                self.demand.usual,
            )
            plans = {mode: self._plan(mode, writing, expected, now) for mode in INTERIM_CALLS}
            self._plans = StepPlans(now, plans, self._openable(now))
        return self._plans

    def _openable(self, now: float) -> Sequence[StreamingMode]:
        soon = now + self.demand.usual
        return [
            mode for mode in self.modes if self.budgets[OPENING_CALLS[mode]].opens_at(now) <= soon
        ]

    def _writing(self, now: float) -> Sequence[ActiveReply]:
        """Returns the replies that grow. One that has had nothing to show for long, as it waits for
        an approval or a tool, needs no calls until it asks for one.
        """
        asking = {each.reply for each in self._requests}
        return [
            each
            for each in self._replies
            if each.began is not None and (each in asking or not each.is_stale(now))
        ]

    def _leave_out_silence(self, reply: ActiveReply, now: float) -> None:
        """Takes the time in which a reply had nothing to show for no time of writing."""
        silence = now - reply.called - STALE_SECONDS
        if (
            reply.began is None
            or silence <= 0
            or any(each.reply is reply for each in self._requests)
        ):
            return
        reply.began += silence
        reply.called += silence
        self._plans = None

    def _plan(
        self,
        mode: StreamingMode,
        writing: Sequence[ActiveReply],
        expected: ExpectedReplies,
        now: float,
    ) -> StepPlan:
        budget = self.budgets[INTERIM_CALLS[mode]]
        times = [
            (now - each.began, now - each.called)
            for each in writing
            if each.mode == mode and each.began is not None
        ]
        shared = ENDING_CALLS[mode] == INTERIM_CALLS[mode]
        kept = self._possible_endings(mode) if shared else 0
        return StepPlan(
            calls=budget.allowance - budget.used(now) - kept,
            returns=budget.returns(now),
            remaining=[self.demand.remaining(writing) for writing, _ in times],
            waited=sum(waited for _, waited in times),
            expected=expected,
        )

    def _possible_endings(self, mode: StreamingMode) -> int:
        """Returns how many replies may end in this mode before long."""
        if mode == "native":
            return self._growing["native"]
        streams = min(self._growing["native"], MAX_LOST_STREAMS)
        return self._growing["edit"] + streams + SPARE_ENDINGS

    def _owed_endings(self, mode: StreamingMode) -> int:
        return self._owed[mode]

    def _count(self) -> None:
        self._growing = Counter(each.mode for each in self._replies)
        self._opening_in = Counter(each.channel for each in self._requests if each.opens)
        self._owed = Counter(each.mode for each in self._replies if each.owes_ending)
