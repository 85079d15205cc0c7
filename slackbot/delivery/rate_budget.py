"""How many calls of one method Slack still accepts: counted, and learned from refusals.

Slack's limits hold per method and workspace: https://docs.slack.dev/apis/web-api/rate-limits.
Times are in seconds on any clock that only goes forward.
"""

from collections import deque
from collections.abc import Sequence
from math import inf

from slackbot.delivery.rate_memory import BudgetMemory

WINDOW_SECONDS = 60.2
"""Slack's minute, and a little more as clocks differ."""

REFUSAL_FACTOR = 0.7
PASSED_CALLS_SHARE = 0.95
MIN_LIMIT_SHARE = 0.2
"""What a refusal leaves of the allowance, of the calls that passed, and of the documented limit."""

USED_UP_SHARE = 0.9
"""A window with more than this of its calls made says that more calls are of use."""

USED_UP_SLACK_SECONDS = 1.0
"""The next window may be used up a little earlier than the one before."""

WINDOWS_BEFORE_RISE = 3
WINDOWS_BEFORE_PROBE = 120
"""Below the documented limit, and above it."""

WINDOWS_BEFORE_RETRY = 360
"""Where the limit is known: a refusal may delay the end of a reply."""

LESSON_SECONDS = 3600.0
"""How long a budget that nobody uses remembers that it was refused."""

MEMORY_GAP_SECONDS = 1.0
"""After a call within this time, the memory of a killed process may lack another one."""


class RateBudget:
    """Allows at most `allowance` calls in any `window_seconds`.

    A call counts from its begin until a window after its end, as Slack counted it at some time in
    between. The allowance starts at the documented limit. A refusal lowers it to the number of
    calls that were accepted, but by at most 30 %: others may have used the window too. In that case
    it rises by one call after three windows that were used up without a refusal, then by two, four
    and so on, up to the documented limit; otherwise the limit is known, and tried again after
    hours. Above the documented limit, up to `highest`, it rises after 120 windows.
    """

    def __init__(
        self, limit: int, window_seconds: float = WINDOW_SECONDS, *, highest: int | None = None
    ) -> None:
        self.allowance = float(limit)
        self.window_seconds = window_seconds
        self._limit = float(limit)
        self._highest = float(highest or limit)
        self._leave: deque[float] = deque()
        """When each ended call stops counting."""
        self._running = 0
        self._closed_until = -inf
        self._refused_at = -inf
        self._used_up = 0
        """The windows that were used up since the allowance changed, or since a refusal."""
        self._used_up_at = -inf
        self._rise_calls = 1
        self._windows_before_rise = WINDOWS_BEFORE_RISE
        self._before_lesson = (self.allowance, self._rise_calls, self._windows_before_rise)
        """The state before the last refusal lowered the allowance."""

    @property
    def refused_at(self) -> float:
        """When Slack last refused a call; `-inf` for never."""
        return self._refused_at

    def is_closed(self, now: float) -> bool:
        """Returns whether Slack has asked to wait until after now."""
        return now < self._closed_until

    def is_used_up(self, now: float) -> bool:
        """Returns whether the calls that were made explain a refusal."""
        return self.used(now) >= self.allowance * REFUSAL_FACTOR

    def may_be_used_up(self, now: float) -> bool:
        """Returns whether as many calls were made as the least limit that is assumed."""
        return self.used(now) >= self._limit * MIN_LIMIT_SHARE

    def is_idle(self, now: float) -> bool:
        """Returns whether a new budget would allow the same."""
        learned = self.allowance < self._limit and now < self._refused_at + LESSON_SECONDS
        return not (self.used(now) or self.is_closed(now) or learned)

    def used(self, now: float) -> int:
        """Returns how many calls count against the limit now."""
        while self._leave and self._leave[0] <= now:
            self._leave.popleft()
        return len(self._leave) + self._running

    def room(self, now: float) -> float:
        """Returns how many more calls may be made now."""
        return 0.0 if now < self._closed_until else max(self.allowance - self.used(now), 0.0)

    def returns(self, now: float) -> Sequence[float]:
        """Returns in how many seconds each counted call stops counting, the earliest first."""
        self.used(now)
        return [*(at - now for at in self._leave), *[self.window_seconds] * self._running]

    def opens_at(self, now: float, reserve: int = 0) -> float:
        """Returns when a call may be made that leaves room for `reserve` more; `inf` for never."""
        excess = self.used(now) + reserve + 1 - max(int(self.allowance), 1)
        if excess > len(self._leave) + self._running:
            return inf
        if excess > len(self._leave):
            return max(now + self.window_seconds, self._closed_until)
        free_at = self._leave[excess - 1] if excess > 0 else now
        return max(free_at, self._closed_until)

    def opens_for_ending_at(self, now: float) -> float:
        """Returns when a call may be made that shows the end of a reply.

        After a refusal Slack says when it takes the next call, whatever was counted here. So
        endings go out then, one after the other, until the count fits again.
        """
        opens_at = self.opens_at(now)
        if now - self._refused_at < self.window_seconds and not self._running:
            return min(opens_at, max(self._closed_until, now))
        return opens_at

    def begin(self, now: float) -> None:
        """Counts a call that is sent now; `end` or `refuse` follows."""
        self._running += 1
        full = self.used(now) >= USED_UP_SHARE * self.allowance
        if full and now >= self._used_up_at + self.window_seconds - USED_UP_SLACK_SECONDS:
            self._used_up += 1
            self._used_up_at = now
        least = WINDOWS_BEFORE_PROBE if self.allowance >= self._limit else WINDOWS_BEFORE_RISE
        if self._used_up >= max(self._windows_before_rise, least):
            self.allowance = min(self.allowance + self._rise_calls, self._highest)
            self._rise_calls *= 2
            self._used_up = 0

    def end(self, now: float) -> None:
        """Notes that Slack has answered a call, or never will."""
        self._running -= 1
        self._leave.append(now + self.window_seconds)

    def refuse(self, now: float, retry_after: float) -> None:
        """Notes a 429: no call for `retry_after` seconds, and a lower allowance afterwards.

        The refused call itself does not count.
        """
        self._running -= 1
        if now >= self._closed_until:  # calls that were sent together are refused together
            passed = self.used(now) - self._running
            self._before_lesson = (self.allowance, self._rise_calls, self._windows_before_rise)
            if self._rise_calls > 1 or self.is_used_up(now):
                self._windows_before_rise = WINDOWS_BEFORE_RETRY  # the limit is known
            self.allowance = max(
                self.allowance * REFUSAL_FACTOR,
                min(self.allowance, passed * PASSED_CALLS_SHARE),
                self._limit * MIN_LIMIT_SHARE,
            )
            self._rise_calls = 1
        self._close(now, retry_after)

    def refuse_without_lesson(self, now: float, retry_after: float) -> None:
        """Notes a 429 that this limit can't explain: no call for `retry_after` seconds."""
        self._running -= 1
        self._close(now, retry_after)

    def drop(self) -> None:
        """Notes that Slack refused a call because of another limit."""
        self._running -= 1

    def forget_lesson(self) -> None:
        """Takes back what the last refusal taught: it was for another reason."""
        self.allowance, self._rise_calls, self._windows_before_rise = self._before_lesson

    def _close(self, now: float, retry_after: float) -> None:
        self._refused_at = now
        self._used_up = 0
        self._closed_until = max(self._closed_until, now + retry_after)

    def memory(self, now: float, epoch: float, *, final: bool) -> BudgetMemory:
        """Returns the state to keep; `epoch` is the time of the clock's zero.

        The process may be killed before the next one is kept, with another call on its way: unless
        it is `final`, a call more is assumed where some were made lately.
        """
        used = self.used(now)
        lately = now + self.window_seconds - MEMORY_GAP_SECONDS
        busy = self._running > 0 or (len(self._leave) > 0 and self._leave[-1] > lately)
        assumed = int(busy and not final and used < int(self.allowance))
        leave = [*self._leave, *[now + self.window_seconds] * (self._running + assumed)]
        return BudgetMemory(
            self.allowance,
            self._windows_before_rise,
            tuple(round(epoch + at, 2) for at in leave),
            0.0 if self._closed_until <= now else round(epoch + self._closed_until, 2),
        )

    def recall(self, memory: BudgetMemory, now: float, epoch: float) -> None:
        """Takes over the state that an earlier process kept."""
        lowest = self._limit * MIN_LIMIT_SHARE
        self.allowance = min(max(memory.allowance, lowest), self._highest)
        self._windows_before_rise = memory.windows_before_rise
        latest = now + self.window_seconds  # a clock may have been set back
        self._leave = deque(sorted(min(at - epoch, latest) for at in memory.leave))
        if len(self._leave) > self.allowance:  # a refusal has lowered it since they were made
            self._refused_at = now
        if memory.closed_until:
            latest = now + max(self.window_seconds, WINDOW_SECONDS)
            self._closed_until = min(memory.closed_until - epoch, latest)
