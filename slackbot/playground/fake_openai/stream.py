"""Streams one answer of the model server, as server-sent events at the script's pace."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping

from aiohttp import web

from slackbot.playground.fake_openai.chat_completion import ScriptedCompletion
from slackbot.playground.fake_openai.response import ScriptedResponse
from slackbot.playground.fake_openai.script import Refusal
from slackbot.playground.fake_openai.sse import COMMENT, GARBLED


class ModelStream:
    """A streamed answer, as the server sees it; calls `changed` on every change."""

    def __init__(
        self, completion: ScriptedCompletion | ScriptedResponse, changed: Callable[[], None]
    ) -> None:
        self.sent_at: list[float] = []
        """When each chunk was written to the connection, in monotonic seconds."""
        self.finished = False
        """Whether the whole script was sent."""
        self.cancelled = False
        """Whether the client disconnected before that."""
        self._completion = completion
        self._changed = changed
        self._released = asyncio.Event()

    @property
    def sent(self) -> int:
        """How many chunks were written to the connection."""
        return len(self.sent_at)

    @property
    def open(self) -> bool:
        return not (self.finished or self.cancelled)

    def release(self) -> None:
        """Lets the stream go on past its hold, now or later."""
        self._released.set()

    async def answer(self, request: web.Request, headers: Mapping[str, str]) -> web.StreamResponse:
        response = web.StreamResponse(headers={**headers, "Content-Type": "text/event-stream"})
        try:
            if self._completion.script.loads_first:
                self._changed()
                await self._released.wait()
            await response.prepare(request)
            async for event in self._events():
                await response.write(event)
                self._changed()
            self.finished = True
            if self._completion.script.disruption == "drop" and request.transport is not None:
                request.transport.close()
        except ConnectionResetError:
            pass  # The client disconnected during a write.
        finally:
            self.cancelled = not self.finished
            self._changed()
        return response

    async def _events(self) -> AsyncIterator[bytes]:
        script = self._completion.script
        for number, chunk in enumerate([*self._completion.chunks(), None]):
            if number == script.hold_after:
                async for comment in _comments_until(self._released, script.keep_alive):
                    yield comment
            if script.disruption is not None and number == script.disruption_after:
                async for event in self._disruption():
                    yield event
                return
            if chunk is not None:
                await asyncio.sleep(script.cadence if number else script.first_after)
                self.sent_at.append(time.monotonic())
                yield chunk
        if script.finish is not None and self._completion.done:
            yield self._completion.done

    async def _disruption(self) -> AsyncIterator[bytes]:
        """Sends the disruption instead of the rest. A dropped connection sends nothing."""
        script = self._completion.script
        if script.disruption == "error":
            yield self._completion.error((script.refusal or Refusal()).body["error"])
        elif script.disruption == "garble":
            yield GARBLED
        elif script.disruption == "stall":
            async for comment in _comments_until(asyncio.Event(), script.keep_alive):
                yield comment


async def _comments_until(event: asyncio.Event, pause: float) -> AsyncIterator[bytes]:
    """Waits for the event; yields a comment every `pause` seconds unless that is 0."""
    while not event.is_set():
        try:
            async with asyncio.timeout(pause or None):
                await event.wait()
        except TimeoutError:
            yield COMMENT
