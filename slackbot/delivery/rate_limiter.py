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
        self._pacer = CallScheduler()
        self._waiting: dict[CallRequest, asyncio.Future[None]] = {}
        self._timer: asyncio.TimerHandle | None = None

    def enter(self, mode: StreamingMode | None) -> ActiveReply:
        """A reply begins to be written; None takes the transport that has more to give."""
        now = _now()
        return self._pacer.enter(now, mode or self._pacer.better_mode(now))

    def written(self, active_reply: ActiveReply) -> None:
        """The model has come to its end."""
        self._pacer.written(active_reply, _now())

    def leave(self, active_reply: ActiveReply) -> None:
        self._pacer.leave(active_reply)
        self._open()

    async def admit(self, call_request: CallRequest) -> None:
        """Returns when the claim's call may be made; it is counted as made."""
        self._waiting[call_request] = asyncio.get_running_loop().create_future()
        self._pacer.ask(call_request)
        self._open()
        try:
            await self._waiting[call_request]
        finally:
            del self._waiting[call_request]
            self._pacer.withdraw(call_request)

    def promote(self, call_request: CallRequest, method: Method) -> None:
        """The reply has ended: what it waits for is the call that shows its ending."""
        if self._waiting[call_request].done():  # its call is being made
            return
        call_request.method = method
        call_request.priority = Priority.ENDING
        self._open()

    def refuse(self, method: str, channel: str, retry_after: float) -> None:
        """Slack answered a call with 429."""
        self._pacer.refuse(method, channel, _now(), retry_after)

    def _open(self) -> None:
        now = _now()
        while (call_request := self._pacer.grant(now)) is not None:
            if not self._waiting[call_request].done():
                self._waiting[call_request].set_result(None)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        wakes_at = self._pacer.wakes_at(now)
        if wakes_at is not None:
            self._timer = asyncio.get_running_loop().call_at(wakes_at, self._open)


def _now() -> float:
    return asyncio.get_running_loop().time()
