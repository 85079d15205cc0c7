"""Lets each reply wait until the call scheduler grants its next call."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

from slackbot.conversation.ids import ChannelId
from slackbot.delivery.call_budgets import Method
from slackbot.delivery.call_request import ActiveReply, CallRequest, Priority
from slackbot.delivery.call_scheduler import CallScheduler
from slackbot.delivery.feature_refusals import FeatureRefusals
from slackbot.delivery.rate_memory import RateMemory
from slackbot.delivery.streaming_mode import StreamingMode
from slackbot.errors import RateLimitedError


class RateLimiter:
    """Shared by all replies that are being written in one workspace."""

    def __init__(self, modes: Sequence[StreamingMode]) -> None:
        """Each message takes the one of these modes in which it lags least."""
        self.modes = modes
        self._scheduler = CallScheduler(modes)
        self._stream_refusals = FeatureRefusals()
        self._waiting: dict[CallRequest, asyncio.Future[None]] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._granting: asyncio.Handle | None = None
        self.on_change: Callable[[], None] = _ignore
        """Is called when there is something new to keep."""

    def memory(self, *, final: bool) -> RateMemory:
        """Returns the state to keep; only a `final` one takes every call for known."""
        return self._scheduler.memory(_now(), _epoch(), final=final)

    def recall(self, memory: RateMemory) -> None:
        """Takes over the state that an earlier process kept."""
        self._scheduler.recall(memory, _now(), _epoch())

    def begin_reply(self, modes: Sequence[StreamingMode], *, visible: bool = False) -> ActiveReply:
        """Adds a reply, each message of which takes the best of these modes. One that is visible
        has a message already, which is edited.
        """
        return self._scheduler.begin_reply(_now(), modes, visible=visible)

    def finish_model(self, reply: ActiveReply) -> None:
        """Notes that the model has finished."""
        self._scheduler.finish_model(reply, _now())

    def end_reply(self, reply: ActiveReply) -> None:
        self._scheduler.end_reply(reply)
        self._grant_soon()

    @asynccontextmanager
    async def admitted(self, call_request: CallRequest) -> AsyncIterator[None]:
        """Waits until the call may be made, and counts it while the block makes it.

        A RateLimitedError of this call is noted, and goes on; so does any other error.
        """
        await self._admit(call_request)
        try:
            yield
        except BaseException as err:
            if isinstance(err, RateLimitedError) and err.method == call_request.method:
                self._scheduler.refuse_call(call_request, _now(), err.retry_after)
                self.on_change()
            else:  # a look for the message may be refused too
                self._scheduler.end_call(call_request, _now())
            raise
        else:
            self._scheduler.end_call(call_request, _now())
        finally:
            self._grant_soon()

    async def _admit(self, call_request: CallRequest) -> None:
        self._waiting[call_request] = granted = asyncio.get_running_loop().create_future()
        self._scheduler.add(call_request, _now())
        if len(self._waiting) > 1:
            self._grant_soon()
        else:
            self._grant_ready()
        try:
            await granted
        except asyncio.CancelledError:
            if not granted.cancelled():  # it was granted at the same time
                self._scheduler.end_call(call_request, _now())
            raise
        finally:
            del self._waiting[call_request]
            self._scheduler.withdraw(call_request)

    def promote(self, call_request: CallRequest, method: Method, priority: Priority) -> None:
        """Turns a waiting request into that for a more urgent call."""
        if self._waiting[call_request].done():  # its call is being made
            return
        call_request.method = method
        call_request.priority = priority
        self._grant_soon()

    def refuse_stream(self, channel: ChannelId, code: str) -> None:
        """Notes that Slack refused to begin a stream, with its error code."""
        self._stream_refusals.refuse(channel, code, _now())

    def allows_stream(self, channel: ChannelId) -> bool:
        """Returns whether a message in this channel may grow as a stream."""
        return self._stream_refusals.allows(channel, _now())

    def _grant_soon(self) -> None:
        """Grants what is ready, once for all replies that change at the same moment: each time a
        plan is made for all of them, and after a restart a hundred end together.
        """
        if self._granting is None:
            self._granting = asyncio.get_running_loop().call_soon(self._grant_ready)

    def _grant_ready(self) -> None:
        self._granting = None
        now = _now()
        while (call_request := self._scheduler.grant(now)) is not None:
            if self._waiting[call_request].done():  # its reply has stopped waiting
                self._scheduler.end_call(call_request, now)
            else:
                self._waiting[call_request].set_result(None)
                self.on_change()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        wakes_at = self._scheduler.wakes_at(now)
        if wakes_at is not None:
            self._timer = asyncio.get_running_loop().call_at(wakes_at, self._grant_ready)


def _now() -> float:
    return asyncio.get_running_loop().time()


def _epoch() -> float:
    """Returns the time of the loop's zero, in seconds since the epoch."""
    return time.time() - _now()


def _ignore() -> None: ...
