"""Lets each reply wait until the call scheduler grants its next call."""

import asyncio

from slackbot.conversation.ids import ChannelId
from slackbot.delivery.call_scheduler import (
    ActiveReply,
    CallRequest,
    CallScheduler,
    Method,
    Priority,
    StreamingMode,
)
from slackbot.delivery.feature_refusals import FeatureRefusals


class RateLimiter:
    """Shared by all replies that are being written in one workspace."""

    def __init__(self) -> None:
        self._scheduler = CallScheduler()
        self._stream_refusals = FeatureRefusals()
        self._waiting: dict[CallRequest, asyncio.Future[None]] = {}
        self._timer: asyncio.TimerHandle | None = None

    def begin_reply(self, mode: StreamingMode | None) -> ActiveReply:
        """Adds a reply; with no `mode` it takes the one that has more budget left."""
        now = _now()
        return self._scheduler.begin_reply(now, mode or self._scheduler.better_mode(now))

    def finish_model(self, active_reply: ActiveReply) -> None:
        """Notes that the model has finished."""
        self._scheduler.finish_model(active_reply, _now())

    def end_reply(self, active_reply: ActiveReply) -> None:
        self._scheduler.end_reply(active_reply)
        self._grant_ready()

    async def admit(self, call_request: CallRequest) -> None:
        """Returns when the call may be made, and counts it."""
        self._waiting[call_request] = asyncio.get_running_loop().create_future()
        self._scheduler.add(call_request)
        self._grant_ready()
        try:
            await self._waiting[call_request]
        finally:
            del self._waiting[call_request]
            self._scheduler.withdraw(call_request)

    def promote(self, call_request: CallRequest, method: Method) -> None:
        """Turns a waiting request into that for the call which shows the reply's ending."""
        if self._waiting[call_request].done():  # its call is being made
            return
        call_request.method = method
        call_request.priority = Priority.ENDING
        self._grant_ready()

    def refuse(self, method: str, channel: ChannelId, retry_after: float) -> None:
        """Notes that Slack refused a call with 429; `retry_after` is in seconds."""
        self._scheduler.refuse(method, channel, _now(), retry_after)

    def refuse_stream(self, channel: ChannelId, code: str) -> None:
        """Notes that Slack refused to begin a stream, with its error code."""
        self._stream_refusals.refuse(channel, code, _now())

    def allows_stream(self, channel: ChannelId) -> bool:
        """Returns whether a reply in this channel may grow as a stream."""
        return self._stream_refusals.allows(channel, _now())

    def _grant_ready(self) -> None:
        now = _now()
        while (call_request := self._scheduler.grant(now)) is not None:
            if not self._waiting[call_request].done():
                self._waiting[call_request].set_result(None)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        wakes_at = self._scheduler.wakes_at(now)
        if wakes_at is not None:
            self._timer = asyncio.get_running_loop().call_at(wakes_at, self._grant_ready)


def _now() -> float:
    return asyncio.get_running_loop().time()
