"""The rate budgets of one workspace: one for each method, and for posts one for each channel.

https://docs.slack.dev/apis/web-api/rate-limits and the pages of the methods. Times are in seconds.
"""

from collections.abc import Iterator, Mapping
from typing import Literal

from slackbot.conversation.ids import ChannelId
from slackbot.delivery.rate_budget import RateBudget
from slackbot.delivery.rate_memory import RateMemory

Method = Literal[
    "chat.postMessage",
    "chat.update",
    "chat.startStream",
    "chat.appendStream",
    "chat.stopStream",
    "chat.delete",
]

CALLS_PER_MINUTE: Mapping[Method, int] = {
    "chat.postMessage": 200,  # Slack documents "several hundred"
    "chat.update": 50,
    "chat.startStream": 20,
    "chat.appendStream": 100,
    "chat.stopStream": 20,
    "chat.delete": 50,
}

MAX_APPENDS_PER_MINUTE = 400
"""Slack documents "100+". More may be tried: a refusal delays no end of a reply, as another method
shows it.
"""

POSTS_IN_A_ROW, POST_WINDOW_SECONDS = 5, 5.2
"""Slack takes about one post a second in a channel, and short bursts."""


class CallBudgets:
    def __init__(self) -> None:
        self._by_method = {
            method: RateBudget(
                limit, highest=MAX_APPENDS_PER_MINUTE if method == "chat.appendStream" else limit
            )
            for method, limit in CALLS_PER_MINUTE.items()
        }
        self._by_channel: dict[ChannelId, RateBudget] = {}
        """For posts."""

    def __getitem__(self, method: Method) -> RateBudget:
        return self._by_method[method]

    def opens_at(self, method: Method, channel: ChannelId, now: float) -> float:
        """Returns when a call may be made."""
        return max(each.opens_at(now) for each in self._counting(method, channel, now))

    def opens_for_ending_at(self, method: Method, channel: ChannelId, now: float) -> float:
        """Returns when a call may be made that shows the end of a reply."""
        return max(each.opens_for_ending_at(now) for each in self._counting(method, channel, now))

    def begin(self, method: Method, channel: ChannelId, now: float) -> None:
        """Counts a call that is sent now; `end` or `refuse` follows."""
        for budget in self._counting(method, channel, now):
            budget.begin(now)

    def end(self, method: Method, channel: ChannelId, now: float) -> None:
        """Notes that Slack has answered a call, or never will."""
        for budget in self._counting(method, channel, now):
            budget.end(now)

    def refuse(self, method: Method, channel: ChannelId, now: float, retry_after: float) -> None:
        """Notes that Slack refused a call with 429."""
        for budget in self._counting(method, channel, now):
            budget.refuse(now, retry_after)

    def memory(self, now: float, epoch: float, *, final: bool) -> RateMemory:
        """Returns the state to keep; see RateBudget."""
        return RateMemory(
            {
                each: budget.memory(now, epoch, final=final)
                for each, budget in self._by_method.items()
            },
            {
                each: budget.memory(now, epoch, final=final)
                for each, budget in self._by_channel.items()
                if budget.used(now)
            },
        )

    def recall(self, memory: RateMemory, now: float, epoch: float) -> None:
        """Takes over the state that an earlier process kept."""
        for method, budget in self._by_method.items():
            if method in memory.methods:
                budget.recall(memory.methods[method], now, epoch)
        for channel, kept in memory.channels.items():
            self._channel_budget(channel, now).recall(kept, now, epoch)

    def _counting(self, method: Method, channel: ChannelId, now: float) -> Iterator[RateBudget]:
        """The budgets that a call counts against."""
        yield self._by_method[method]
        if method == "chat.postMessage":
            yield self._channel_budget(channel, now)

    def _channel_budget(self, channel: ChannelId, now: float) -> RateBudget:
        if channel not in self._by_channel:
            idle = [each for each, budget in self._by_channel.items() if not budget.used(now)]
            for each in idle:
                del self._by_channel[each]
            self._by_channel[channel] = RateBudget(POSTS_IN_A_ROW, POST_WINDOW_SECONDS)
        return self._by_channel[channel]
