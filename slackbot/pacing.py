"""The workspace's budget for calls to Slack: a clock reading in, a decision out.

Slack limits each method per workspace, not per message (facts and figures:
https://docs.slack.dev/apis/web-api/rate-limits). So all replies being written share one Pacer:
each makes a claim for its next call, and the Pacer says whose turn it is, and when. Endings come
first, then first texts, then interim edits, the stalest reply first. Times are in seconds on any
clock that only goes forward.
"""

from collections import deque
from dataclasses import dataclass, field
from enum import IntEnum
from math import inf, sqrt
from typing import Literal

Method = Literal["chat.update", "chat.postMessage"]

LIVELY = 0.3
"""Seconds between two edits of one reply, at the least."""

SHORTEST, LONGEST = 2.0, 30.0
"""Bounds, in seconds, for the guess of how much longer the replies in flight will be written."""


class Priority(IntEnum):
    """The order of claims on the budget."""

    ENDING = 0
    FIRST = 1
    INTERIM = 2


@dataclass(eq=False, slots=True)
class Claim:
    """One reply's wish to make one call; `since` is when what it shows was last up to date."""

    method: Method
    channel: str
    priority: Priority
    since: float


class Budget:
    """How many calls of one method may still be made: at most `allowance` in any `window`.

    The allowance starts at the documented limit. A refusal multiplies it down, and every window
    without one adds a little again, up to that limit: so it stays near the true one where that is
    lower, or shared with another process.
    """

    LOWERED = 0.8
    RAISED = 0.05

    def __init__(self, limit: int, window: float = 60.0) -> None:
        self.allowance = float(limit)
        self._limit = limit
        self._window = window
        self._calls: deque[float] = deque()
        self._closed_until = -inf
        self._adapted_at = -inf

    def used(self, now: float) -> int:
        """How many calls count against the limit now."""
        while self._calls and self._calls[0] <= now - self._window:
            self._calls.popleft()
        return len(self._calls)

    def opens_at(self, now: float, keep: int = 0) -> float:
        """When a call may be made that leaves room for `keep` more: `now`, later, or never."""
        excess = self.used(now) + keep + 1 - max(int(self.allowance), 1)
        if excess > len(self._calls):
            return inf
        free_at = self._calls[excess - 1] + self._window if excess > 0 else now
        return max(free_at, self._closed_until, now)

    def spend(self, now: float) -> None:
        if now - self._adapted_at >= self._window:
            self.allowance = min(self.allowance + self._limit * self.RAISED, self._limit)
            self._adapted_at = now
        self._calls.append(now)

    def refuse(self, now: float, retry_after: float) -> None:
        """Slack answered 429: nothing goes out before `retry_after`, and less afterwards."""
        if now >= self._closed_until:  # one lesson for all the calls that were under way
            self.allowance = max(self.allowance * self.LOWERED, 1.0)
        self._adapted_at = now
        self._closed_until = max(self._closed_until, now + retry_after)


@dataclass(slots=True)
class Pacer:
    """Who may call Slack next: holds the claims and the budgets of one workspace."""

    update: Budget = field(default_factory=lambda: Budget(50, 61.0))
    """Tier 3; the window is a second longer than Slack's, as calls travel."""
    post: Budget = field(default_factory=lambda: Budget(200, 61.0))
    """The whole workspace's; Slack says «several hundred a minute»."""
    _post_in: dict[str, Budget] = field(default_factory=dict)
    """Each channel's: about one a second, and short bursts pass."""
    _claims: list[Claim] = field(default_factory=list)
    _started: list[float] = field(default_factory=list)
    _last_interim: float = -inf

    def enter(self, now: float) -> float:
        """A reply begins to be written; give what this returns to `leave`."""
        self._started.append(now)
        return now

    def leave(self, started: float) -> None:
        self._started.remove(started)

    def ask(self, claim: Claim) -> None:
        self._claims.append(claim)

    def withdraw(self, claim: Claim) -> None:
        if claim in self._claims:
            self._claims.remove(claim)

    def grant(self, now: float) -> Claim | None:
        """The claim whose turn it is, its call counted as made; None while all have to wait."""
        for claim in self._in_order():
            if self._ready_at(claim, now) <= now:
                self._claims.remove(claim)
                for budget in self._budgets(claim):
                    budget.spend(now)
                if claim.priority is Priority.INTERIM:
                    self._last_interim = now
                return claim
        return None

    def wakes_at(self, now: float) -> float | None:
        """When it is worth asking again; None while nobody waits."""
        return min((self._ready_at(claim, now) for claim in self._claims), default=None)

    def refuse(self, claim: Claim, now: float, retry_after: float) -> None:
        """Slack answered the call with 429 and asked to wait for `retry_after` seconds."""
        for budget in self._budgets(claim):
            budget.refuse(now, retry_after)

    def _in_order(self) -> list[Claim]:
        return sorted(self._claims, key=lambda claim: (claim.priority, claim.since))

    def _ready_at(self, claim: Claim, now: float) -> float:
        interim = claim.priority is Priority.INTERIM
        keep = len(self._started) if interim else 0
        open_at = max(budget.opens_at(now, keep) for budget in self._budgets(claim))
        if not interim:
            return open_at
        return max(
            open_at,
            self._last_interim + self._gap(now),
            claim.since + LIVELY,
        )

    def _gap(self, now: float) -> float:
        """Seconds between two interim edits, whichever replies they are of.

        How long a reply will be is not known, so the guess is that it takes as long again as it
        took so far. What is left beyond one ending each is spread over that time, but for a
        steady share that keeps a long reply moving when the first burst is spent.
        """
        replies = max(len(self._started), 1)
        room = max(self.update.allowance - self.update.used(now) - replies, 0.0)
        age = sum(now - started for started in self._started) / replies
        steady = self.update.allowance / 120 / sqrt(replies)
        burst = max(room - steady * 60, 0.0) / min(max(age, SHORTEST), LONGEST)
        return 1 / (steady + burst)

    def _budgets(self, claim: Claim) -> tuple[Budget, ...]:
        """What the claim's call counts against."""
        if claim.method == "chat.update":
            return (self.update,)
        return (self.post, self._post_in.setdefault(claim.channel, Budget(5, 5.0)))
