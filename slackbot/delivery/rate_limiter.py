"""The Pacer's decisions made awaitable: a claim waits here until its call may be made."""

import asyncio

from slackbot.delivery.call_scheduler import (
    ActiveReply,
    CallRequest,
    CallScheduler,
    Method,
    Priority,
    StreamingMode,
)


class RateLimiter:
    """One workspace's gate, for all the replies that are being written there."""

    def __init__(self) -> None:
        self._scheduler = CallScheduler()
        self._waiting: dict[CallRequest, asyncio.Future[None]] = {}
        self._timer: asyncio.TimerHandle | None = None

    def begin_reply(self, mode: StreamingMode | None) -> ActiveReply:
        """A reply begins to be written; None takes the transport that has more to give."""
        now = _now()
        return self._scheduler.begin_reply(now, mode or self._scheduler.better_mode(now))

    def finish_model(self, active_reply: ActiveReply) -> None:
        """The model has come to its end."""
        self._scheduler.finish_model(active_reply, _now())

    def end_reply(self, active_reply: ActiveReply) -> None:
        self._scheduler.end_reply(active_reply)
        self._grant_ready()

    async def admit(self, call_request: CallRequest) -> None:
        """Returns when the claim's call may be made; it is counted as made."""
        self._waiting[call_request] = asyncio.get_running_loop().create_future()
        self._scheduler.add(call_request)
        self._grant_ready()
        try:
            await self._waiting[call_request]
        finally:
            del self._waiting[call_request]
            self._scheduler.withdraw(call_request)

    def promote(self, call_request: CallRequest, method: Method) -> None:
        """The reply has ended: what it waits for is the call that shows its ending."""
        if self._waiting[call_request].done():  # its call is being made
            return
        call_request.method = method
        call_request.priority = Priority.ENDING
        self._grant_ready()

    def refuse(self, method: str, channel: str, retry_after: float) -> None:
        """Slack answered a call with 429."""
        self._scheduler.refuse(method, channel, _now(), retry_after)

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
