"""The rate budgets of one workspace: one for each method, and for posts one for each channel.

https://docs.slack.dev/apis/web-api/rate-limits and the pages of the methods. Times are in seconds.
"""

from collections.abc import Iterator, Mapping
from math import inf
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


PASSED_AFTER_SECONDS = 1.0
"""A post that passes later than this after a refusal was sent after it, as calls take less time."""


class CallBudgets:
    """Attributes each refusal of a post to the narrowest budget that explains it.

    Slack's 429 does not say whether the channel has too many posts or the workspace. So it counts
    for the channel first, and no other channel waits for it. To be wrong about that costs one more
    refusal, in another channel. It counts for the workspace if another channel has been refused and
    no post has passed since, or if the workspace has made most of its posts and the channel has
    not. All posts wait for Retry-After then. The workspace's allowance goes down only if as many
    posts were made as the least limit that is assumed.
    """

    def __init__(self) -> None:
        self._by_method = {
            method: RateBudget(
                limit, highest=MAX_APPENDS_PER_MINUTE if method == "chat.appendStream" else limit
            )
            for method, limit in CALLS_PER_MINUTE.items()
        }
        self._by_channel: dict[ChannelId, RateBudget] = {}
        """For posts."""
        self._passed_at = -inf
        """When a post last passed."""

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
        if method == "chat.postMessage":
            self._passed_at = now

    def refuse(self, method: Method, channel: ChannelId, now: float, retry_after: float) -> None:
        """Notes that Slack refused a call with 429."""
        workspace = self._by_method[method]
        if method != "chat.postMessage":
            workspace.refuse(now, retry_after)
            return
        own = self._channel_budget(channel, now)
        refused = [each for each in self._by_channel.values() if each.is_closed(now)]
        if not self._is_for_workspace(own, refused, now):
            own.refuse(now, retry_after)
            workspace.drop()
            return
        own.drop()
        if workspace.may_be_used_up(now):
            workspace.refuse(now, retry_after)
            for each in refused:
                each.forget_lesson()
        else:
            workspace.refuse_without_lesson(now, retry_after)

    def _is_for_workspace(self, own: RateBudget, refused: list[RateBudget], now: float) -> bool:
        """Returns whether a refused post tells about all posts; `refused` are closed channels."""
        workspace = self._by_method["chat.postMessage"]
        if workspace.is_closed(now):  # it was sent together with one that was refused
            return True
        if own.is_closed(now):
            return False
        if own.is_used_up(now) and not workspace.is_used_up(now):
            return False
        if not refused:
            return workspace.is_used_up(now) and not own.is_used_up(now)
        last_refused_at = max(each.refused_at for each in refused)
        return self._passed_at < last_refused_at + PASSED_AFTER_SECONDS

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
                if not budget.is_idle(now)
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
            idle = [each for each, budget in self._by_channel.items() if budget.is_idle(now)]
            for each in idle:
                del self._by_channel[each]
            self._by_channel[channel] = RateBudget(POSTS_IN_A_ROW, POST_WINDOW_SECONDS)
        return self._by_channel[channel]
