"""Writes one reply: reads the agent's draft, and updates the Slack messages that show it.

Reading the agent and writing to Slack never wait for each other. The writer compares what the
messages show with what they should show, and requests one call at a time to remove the difference.
Text that arrives in the meantime goes into the next call. A failed call leaves the difference, so
the ending is retried until it is in Slack.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Coroutine, Mapping, Sequence
from typing import Any, NamedTuple

from slackbot.backoff import pause
from slackbot.conversation.draft import Draft
from slackbot.conversation.ids import Ts
from slackbot.delivery import annotations
from slackbot.delivery.agent_sessions import AgentSessions
from slackbot.delivery.answer_reader import AnswerReader
from slackbot.delivery.call_budgets import Method
from slackbot.delivery.call_request import CallRequest, Priority
from slackbot.delivery.effects import Effects
from slackbot.delivery.message_writer import (
    CONTENT_REFUSED,
    STOPPED_BY_USER,
    MessageWriter,
    Page,
    Style,
)
from slackbot.delivery.rate_limiter import RateLimiter
from slackbot.delivery.reply_location import ReplyLocation
from slackbot.delivery.reply_transport import ReplyMessageId, ReplyTransport
from slackbot.delivery.status import ThreadStatus
from slackbot.delivery.streaming_mode import EDITS, INTERIM_CALLS, StreamingMode
from slackbot.delivery.texts import PLACEHOLDER
from slackbot.errors import DeliveryError, RateLimitedError, StoreError, UnreachableError
from slackbot.markdown.splitting import PageSplitter

logger = logging.getLogger(__name__)

MAX_PLAIN_TEXT_CHARACTERS = 700
"""Of a message that is shown as text: with all its escapes it fits Slack's 4,000 characters."""

NOT_EDITABLE = frozenset({"cant_update_message", "edit_window_closed"})
"""The message can't be changed any more; https://docs.slack.dev/reference/methods/chat.update#errors"""

LATE_EFFECT_SECONDS = 0.5
"""How long we wait for a call to take effect after its connection failed."""

PLAINER_STYLES: Mapping[Style, Style] = {"full": "bare", "bare": "plain"}


class PendingCall(NamedTuple):
    """A call that is due, and the page that it shows."""

    writer: MessageWriter
    page: Page
    method: Method


class ReplyWriter:
    def __init__(
        self,
        transport: ReplyTransport,
        rate_limiter: RateLimiter,
        sessions: AgentSessions,
        location: ReplyLocation,
        modes: Sequence[StreamingMode],
    ) -> None:
        self._transport = transport
        self._rate_limiter = rate_limiter
        self._sessions = sessions
        self._location = location
        self._status = ThreadStatus(transport, location.thread)
        self._modes = modes
        self._active_reply = rate_limiter.begin_reply(modes, visible=bool(location.messages))
        self._style: Style = "full"
        self._writers: list[MessageWriter] = []
        self._reader = AnswerReader()
        self._splitter = PageSplitter()
        self._last_page = Page("", closed=False)
        """The last target; kept while it stays the same, as its preview takes time."""
        self._placeholder = location.opening
        self._erased = False
        self._deleted = asyncio.Event()
        self._pending_request: CallRequest | None = None
        self._failures = 0
        self._effects = Effects()
        self._use_messages(location.messages)
        if location.stopped:
            self.stop()

    @property
    def result(self) -> Draft | None:
        """The final draft; None if the agent never gave one."""
        return self._reader.result

    def close(self) -> None:
        self._rate_limiter.end_reply(self._active_reply)

    def on_deletion(self, ts: Ts) -> None:
        """Gives the reply up if the deleted message is one of its own."""
        if ts in {writer.ts for writer in self._writers if not writer.is_being_deleted}:
            self._deleted.set()

    def has_message(self, ts: Ts) -> bool:
        """Returns whether a message belongs to the reply."""
        return ts in {writer.ts for writer in self._writers}

    def stop(self) -> bool:
        """Stops the answer for a person. False if it has already ended."""
        return self._reader.stop()

    def abandon(self) -> None:
        """Cancels the running call, as the process ends now."""
        self._effects.abandon()

    async def write(self, drafts: AsyncIterator[Draft]) -> Draft | None:
        """Shows an answer while it grows. Returns it once its ending is in Slack, or None if it was
        stopped before it began.

        Raises DeliveryError if Slack refuses to show it.
        """
        try:
            async with asyncio.TaskGroup() as tasks:
                side_tasks = [
                    tasks.create_task(each)
                    for each in (self._show_status(), self._watch_for_deletion())
                ]
                main = (self._read(drafts), self._show_when_ready())
                await asyncio.wait([tasks.create_task(each) for each in main])
                for each in side_tasks:
                    each.cancel()
        except ExceptionGroup as group:
            await self._status.clear()
            self._sessions.end(self._location.thread)
            first: Exception = group.exceptions[0]
            raise first from first.__cause__
        self._sessions.end(self._location.thread)
        return self.result

    async def erase(self) -> None:
        """Deletes the messages of the reply."""
        self._erased = True
        self._reader.end()
        self._placeholder = ""
        await self._show()
        await self._status.clear()
        self._sessions.end(self._location.thread)

    async def _watch_for_deletion(self) -> None:
        """Raises DeliveryError once somebody deletes a message of the reply."""
        await self._deleted.wait()
        raise DeliveryError("message_deleted", "message_not_found")

    async def _read(self, drafts: AsyncIterator[Draft]) -> None:
        """Reads the agent's draft to its end."""
        await self._reader.read(self._hurrying(drafts))
        self._location.ended = True
        self._rate_limiter.finish_model(self._active_reply)
        self._hurry()

    async def _hurrying(self, drafts: AsyncIterator[Draft]) -> AsyncIterator[Draft]:
        """The drafts; the buttons of an approval do not wait for the next step of the text."""
        async for draft in drafts:
            yield draft
            if draft.asking is not None:
                self._hurry()

    def _hurry(self) -> None:
        """Turns the waiting request, if any, into that for the call that is due now."""
        if self._pending_request is not None and (step := self._next_call()) is not None:
            self._rate_limiter.promote(self._pending_request, step.method, self._priority(step))

    async def _show_status(self) -> None:
        """Shows the status until there is text, or a placeholder where Slack accepts no status."""
        await self._status.show_thinking(lambda: bool(self._location.messages))
        if self._status.refused and ("native" not in self._modes or not self._writers):
            self._grow_by_edits()  # the placeholder becomes the answer
            self._placeholder = PLACEHOLDER
            self._reader.changed.set()

    async def _show_when_ready(self) -> None:
        """Shows the draft once it has something to show, until its ending is shown."""
        if not self._placeholder:
            await self._reader.changed.wait()
        await self._status.wait_until_set()
        await self._show()

    async def _show(self) -> None:
        """Makes one call after the other until the ending is shown."""
        while self._location.resumed:
            await self._attempt(self._find_messages())
        while True:
            self._reader.changed.clear()
            step = self._next_call()
            if step is not None:
                await self._make_call(step)
            elif self._reader.ended:
                return
            else:
                await self._reader.changed.wait()

    async def _find_messages(self) -> None:
        """Finds the messages that an earlier run posted, including those that it did not record."""
        location = self._location
        if "native" in self._modes:
            self._sessions.adopt(location.thread)
        found: Mapping[int, Ts] = {}
        others: list[Ts] = []
        try:
            # The earlier run may have begun a stream, whatever the mode of this one.
            found = await self._transport.find_messages(
                location.thread, location.key, include_open_stream=not location.editing
            )
            for key in location.earlier_keys:
                posted = await self._transport.find_messages(
                    location.thread, key, include_open_stream=False
                )
                others += posted.values()
        except RateLimitedError as err:
            await asyncio.sleep(err.retry_after)
            return
        except DeliveryError as err:  # continue with the recorded messages
            logger.warning("No look for messages in %s: %s", location.thread.channel, err.code)
        known = {**dict(enumerate(location.messages)), **found}
        messages = [*(known[number] for number in sorted(known)), *others]
        self._use_messages(tuple(dict.fromkeys(messages)))
        location.resumed = False

    def _target_pages(self) -> list[Page]:
        """Returns what each message of the reply should show now."""
        reader = self._reader
        text = reader.full_text if reader.ended else reader.text
        status_line = "" if reader.ended else reader.status_line
        placeholder = "" if status_line else self._placeholder
        *written, end = ([] if self._erased else self._splitter.split(text)) or [placeholder]
        if len(end) + len(status_line) > self._splitter.limit and end and status_line:
            written, end = [*written, end], ""
        targets = [Page(page, closed=True) for page in written]
        tasks = annotations.stream_tasks(reader.draft.tool_rounds, searching=reader.draft.searching)
        last_page = Page(end, reader.ended, reader.controls, status_line, tasks)
        if last_page != self._last_page:
            self._last_page = last_page
        targets.append(self._last_page)
        left_over = len(self._writers) - len(targets)  # messages of an earlier, longer answer
        return targets + [Page("", closed=True)] * left_over if reader.ended else targets

    def _next_call(self) -> PendingCall | None:
        """Returns the call for the first message that does not show what it should."""
        for number, page in enumerate(self._target_pages()):
            if number == len(self._writers):
                self._add_writer()
            writer = self._writers[number]
            method = writer.due_call(page)
            if method is not None:
                return PendingCall(writer, page, method)
        return None

    async def _make_call(self, step: PendingCall) -> None:
        """Waits until the call is granted, then makes it with the newest text."""
        call_request = self._pending_request = self._call_request(step)
        writer, wait = step.writer, 0.0
        try:
            async with self._rate_limiter.admitted(call_request):
                self._pending_request = None
                if self._active_reply.mode == "edit" and call_request.opens:
                    writer.edit_only()
                due = self._next_call()
                if due is not None and due.method == call_request.method:
                    writer = due.writer
                    wait = await self._effects.complete(self._settle(self._perform(due)))
        except RateLimitedError:
            return  # the rate limiter knows when to try again
        except DeliveryError as err:
            self._work_around(err, writer)
        finally:
            self._pending_request = None
        if wait:
            await asyncio.sleep(wait)

    async def _perform(self, step: PendingCall) -> None:
        """Makes a call, and records the reply's messages."""
        await step.writer.show(step.page)
        await self._record()

    async def _attempt(self, effect: Coroutine[Any, Any, None]) -> None:
        """Completes a call. While Slack can't be reached, the pauses grow."""
        remaining = await self._effects.complete(self._settle(effect))
        if remaining:
            await asyncio.sleep(remaining)

    async def _settle(self, effect: Coroutine[Any, Any, None]) -> float:
        """Makes a call and, if its connection failed, waits until it may have taken effect.

        Returns the seconds to wait before the next attempt.
        """
        try:
            await effect
        except UnreachableError as err:
            self._failures += 1
            wait = pause(self._failures)
            settling = min(wait, LATE_EFFECT_SECONDS) if err.sent else 0.0
            await asyncio.sleep(settling)
            return wait - settling
        self._failures = 0
        return 0.0

    def _call_request(self, step: PendingCall) -> CallRequest:
        channel = self._location.thread.channel
        return CallRequest(self._active_reply, step.method, channel, self._priority(step))

    def _priority(self, step: PendingCall) -> Priority:
        if self._reader.ended:
            return Priority.ENDING
        if self._reader.draft.asking is not None:
            return Priority.APPROVAL
        growing = step.method in INTERIM_CALLS.values() and not step.page.closed
        return Priority.INTERIM if growing else Priority.FIRST

    def _work_around(self, err: DeliveryError, writer: MessageWriter) -> None:
        """Chooses another way to show what Slack refused; raises the error if there is none."""
        if err.method == "chat.startStream":
            logger.info("No stream in %s: %s", self._location.thread.channel, err.code)
            self._rate_limiter.refuse_stream(self._location.thread.channel, err.code)
            self._grow_by_edits()
            return
        if err.code in CONTENT_REFUSED and self._style in PLAINER_STYLES:
            self._style = PLAINER_STYLES[self._style]
            for each in self._writers:
                each.style = self._style
            if self._style == "plain":
                self._splitter = PageSplitter(MAX_PLAIN_TEXT_CHARACTERS)
        elif err.code in NOT_EDITABLE or self._was_deleted_before(err, writer):
            writer.forget()
        elif err.code == STOPPED_BY_USER:
            self.stop()
        else:
            raise err
        logger.warning("%s was refused (%s), going on otherwise", err.method, err.code)

    def _grow_by_edits(self) -> None:
        self._modes = self._active_reply.modes = EDITS

    def _was_deleted_before(self, err: DeliveryError, writer: MessageWriter) -> bool:
        """Whether a message of an earlier attempt is gone: the question still has its answer."""
        gone = err.code == "message_not_found"
        return gone and not (writer.has_written or self._location.editing)

    def _use_messages(self, messages: tuple[Ts, ...]) -> None:
        """Makes these messages those of the reply."""
        self._location.messages = messages
        self._writers.clear()
        for ts in messages:
            self._add_writer(ts)

    def _add_writer(self, ts: Ts | None = None) -> None:
        native = "native" in self._modes and self._rate_limiter.allows_stream(
            self._location.thread.channel
        )
        writer = MessageWriter(
            self._transport,
            self._sessions,
            self._location.thread,
            ReplyMessageId(self._location.key, len(self._writers)),
            ts=ts,
            recipient=self._location.recipient if native else None,
        )
        writer.style = self._style
        self._writers.append(writer)

    async def _record(self) -> None:
        messages = tuple(writer.ts for writer in self._writers if writer.ts is not None)
        if messages != self._location.messages:
            self._location.messages = messages
            try:
                await self._location.record(messages)
            except StoreError:  # only needed after a crash: the answer goes on
                channel = self._location.thread.channel
                logger.exception("A reply's place in %s could not be stored", channel)
