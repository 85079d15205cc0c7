"""Writes one reply: reads the agent's draft, and updates the Slack messages that show it.

Reading the agent and writing to Slack never wait for each other. The writer compares what the
messages show with what they should show, and requests one call at a time to remove the difference.
Text that arrives in the meantime goes into the next call. A failed call leaves the difference, so
the ending is retried until it is in Slack.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import NamedTuple, Protocol

from slackbot.conversation.controls import Confirm
from slackbot.conversation.draft import Draft
from slackbot.conversation.ids import Ts
from slackbot.delivery.agent_sessions import AgentSessions
from slackbot.delivery.answer_reader import AnswerReader
from slackbot.delivery.call_budgets import Method
from slackbot.delivery.call_repeater import CallRepeater
from slackbot.delivery.call_request import CallRequest, Priority
from slackbot.delivery.message_writer import MESSAGE_NOT_FOUND, MessageWriter
from slackbot.delivery.page import Page
from slackbot.delivery.page_composer import PageComposer
from slackbot.delivery.rate_limiter import RateLimiter
from slackbot.delivery.reply_location import ReplyLocation
from slackbot.delivery.reply_messages import ReplyMessages
from slackbot.delivery.reply_transport import ReplyTransport
from slackbot.delivery.status import ThreadStatus
from slackbot.delivery.streaming_mode import EDITS, INTERIM_CALLS, StreamingMode
from slackbot.delivery.texts import (
    NOT_SHOWN,
    NOT_SHOWN_REASONS,
    PLACEHOLDER,
    STARTING_PLACEHOLDER,
)
from slackbot.delivery.workarounds import Workarounds
from slackbot.errors import DeliveryError, RateLimitedError, RevokedError, UnknownRefusalError

logger = logging.getLogger(__name__)

TAKE_BACK_SECONDS = 10.0
"""How long is tried to delete what can't be finished."""


class Tell(Protocol):
    def __call__(
        self, location: ReplyLocation, sentence: str, is_true: Callable[[], bool] = ..., /
    ) -> None:
        """Shows a sentence to the asker alone, as soon as Slack takes it, if it `is_true` then."""


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
        status: ThreadStatus,
        tell: Tell,
    ) -> None:
        self._tell = tell
        self._rate_limiter = rate_limiter
        self._sessions = sessions
        self._location = location
        self._status = status
        self._active_reply = rate_limiter.begin_reply(modes, visible=bool(location.messages))
        self._reader = AnswerReader()
        self._composer = PageComposer(location.opening)
        self._messages = ReplyMessages(transport, sessions, location, self._may_stream)
        self._deleted = asyncio.Event()
        self._pending_request: CallRequest | None = None
        self._calls = CallRepeater(location.thread.channel, partial(tell, location))
        self._workarounds = Workarounds(self, location, self._messages, self._composer)
        if location.stopped:
            self.stop()

    @property
    def result(self) -> Draft | None:
        """The final draft; None if the agent never gave one."""
        return self._reader.result

    def close(self) -> None:
        self._calls.close()
        self._rate_limiter.end_reply(self._active_reply)

    def on_deletion(self, ts: Ts) -> None:
        """Gives the reply up if the deleted message is one of its own."""
        if self._messages.needs(ts):
            self._messages.note_deletion(ts)
            self._deleted.set()

    def has_message(self, ts: Ts) -> bool:
        """Returns whether a message belongs to the reply."""
        return ts in self._messages

    def stop(self) -> bool:
        """Stops the answer for a person. False if it has already ended."""
        return self._reader.stop()

    def abandon(self) -> None:
        """Cancels the running call, as the process ends now."""
        self._calls.abandon()

    def refuse_stream(self, code: str) -> None:
        """Lets the reply grow by edits, as Slack refused a stream with this code."""
        channel = self._location.thread.channel
        logger.info("No stream in %s: %s", channel, code)
        self._rate_limiter.refuse_stream(channel, code)
        self._grow_by_edits()

    async def write(self, drafts: AsyncIterator[Draft]) -> Draft | None:
        """Shows an answer while it grows. Returns it once its ending is in Slack, or None if it was
        stopped before it began.

        Raises DeliveryError if Slack refuses to show it. The asker is told then, and what was
        begun is deleted if Slack allows it: it must not stand there as if it still grew.
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
            if isinstance(first, DeliveryError):
                await self._give_up(first)
            raise first from first.__cause__
        self._sessions.end(self._location.thread)
        return self.result

    async def erase(self) -> None:
        """Deletes the messages of the reply."""
        self._calls.told = True  # nobody waits for an answer
        self._composer.erase()
        self._reader.end()
        await self._show()
        await self._status.clear()
        self._sessions.end(self._location.thread)

    async def _give_up(self, err: DeliveryError) -> None:
        """Ends a reply that can't be shown, unless another process or nobody needs it."""
        if isinstance(err, RevokedError) or err.code == MESSAGE_NOT_FOUND:
            return
        self._tell(self._location, NOT_SHOWN_REASONS.get(err.code, NOT_SHOWN))
        is_unfinished = self._location.has_begun and not self._location.editing
        if self._messages.has_written or is_unfinished:
            with suppress(TimeoutError, DeliveryError):
                async with asyncio.timeout(TAKE_BACK_SECONDS):
                    await self.erase()

    async def _watch_for_deletion(self) -> None:
        """Raises DeliveryError once somebody deletes a message of the reply."""
        await self._deleted.wait()
        raise DeliveryError("message_deleted", MESSAGE_NOT_FOUND)

    async def _read(self, drafts: AsyncIterator[Draft]) -> None:
        """Reads the agent's draft to its end."""
        await self._reader.read(self._hurrying(drafts))
        self._location.ended = True
        self._rate_limiter.finish_model(self._active_reply)
        self._hurry()

    async def _hurrying(self, drafts: AsyncIterator[Draft]) -> AsyncIterator[Draft]:
        """The drafts; the buttons of an approval do not wait for the next step of the text."""
        async for draft in drafts:
            draft.on_starting = partial(self._tell_whether_starting, is_starting=True)
            self._tell_whether_starting(is_starting=draft.is_starting)
            yield draft
            if draft.asking is not None:
                self._hurry()

    def _hurry(self) -> None:
        """Turns the waiting request, if any, into that for the call that is due now."""
        if self._pending_request is not None and (step := self._next_call()) is not None:
            self._rate_limiter.promote(self._pending_request, step.method, self._priority(step))

    async def _show_status(self) -> None:
        """Shows the status until there is text, or a placeholder where Slack accepts no status."""
        await self._status.show_thinking()
        if self._status.refused and not (self._has_native_mode and self._location.has_begun):
            self._grow_by_edits()  # the placeholder becomes the answer
            self._messages.edit_only()
            is_starting = self._reader.draft.is_starting
            self._composer.placeholder = STARTING_PLACEHOLDER if is_starting else PLACEHOLDER
            self._reader.changed.set()

    def _tell_whether_starting(self, *, is_starting: bool) -> None:
        """Says in the status, or in the placeholder where there is none, what people wait for."""
        self._status.tell_whether_starting(is_starting=is_starting)
        if self._composer.placeholder in {PLACEHOLDER, STARTING_PLACEHOLDER}:
            self._composer.placeholder = STARTING_PLACEHOLDER if is_starting else PLACEHOLDER
            self._reader.changed.set()

    async def _show_when_ready(self) -> None:
        """Shows the draft once it has something to show, until its ending is shown."""
        if not self._composer.placeholder:
            await self._reader.changed.wait()
        await self._status.wait_until_set()
        await self._show()

    async def _show(self) -> None:
        """Makes one call after the other until the ending is shown."""
        if self._location.has_begun and self._has_native_mode:
            self._sessions.adopt(self._location.thread)
        while True:
            while self._messages.must_look:
                await self._calls.look(self._messages.find())
            self._reader.changed.clear()
            step = self._next_call()
            if step is not None:
                await self._make_call(step)
            elif self._reader.ended:
                return
            else:
                await self._reader.changed.wait()

    def _target_pages(self) -> list[Page]:
        """Returns what each message of the reply should show now."""
        pages = self._composer.pages(self._reader)
        if self._reader.ended:  # an earlier, longer answer may have left messages
            pages += [Page("", closed=True)] * (len(self._messages) - len(pages))
        return pages

    def _next_call(self) -> PendingCall | None:
        """Returns the call for the first message that does not show what it should."""
        for number, page in enumerate(self._target_pages()):
            writer = self._messages.writer(number)
            method = writer.due_call(page)
            if method is not None:
                return PendingCall(writer, page, method)
        gone = Page("", closed=True)
        for writer in self._messages.replaced:
            if (method := writer.due_call(gone)) is not None:
                return PendingCall(writer, gone, method)
        return None

    async def _make_call(self, step: PendingCall) -> None:
        """Waits until the call is granted, then makes it with the newest text."""
        call_request = self._pending_request = self._call_request(step)
        wait = 0.0
        try:
            async with self._rate_limiter.admitted(call_request):
                self._pending_request = None
                if self._active_reply.mode == "edit" and call_request.opens:
                    step.writer.edit_only()
                due = self._next_call()
                if due is None or due.method != call_request.method:
                    return
                step = due
                wait = await self._calls.attempt(partial(self._perform, step))
            self._reconsider(step)
        except RateLimitedError as err:
            self._calls.note(err)
            if err.method != call_request.method:  # such as a look for the message
                wait = err.retry_after
        except DeliveryError as err:
            self._workarounds.work_around(err, step.writer)
        finally:
            self._pending_request = None
        if wait:
            await asyncio.sleep(wait)

    async def _perform(self, step: PendingCall) -> None:
        """Makes a call, and records the reply's messages."""
        await self._messages.show(step.writer, step.page)
        controls = step.page.controls
        if isinstance(controls, Confirm) and step.writer.due_call(step.page) is None:
            draft = self._reader.draft
            asked = draft.on_asked if step.writer.style == "full" else draft.on_unasked
            asked(controls.question)
        if self._messages.has_lost_any:
            self._deleted.set()

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

    def _reconsider(self, step: PendingCall) -> None:
        """Changes what is shown, or how, if Slack has refused a call and nobody knows why.

        Raises DeliveryError if it has refused everything for long.
        """
        setbacks = self._calls.setbacks
        err = setbacks.last
        if not isinstance(err, UnknownRefusalError):
            return
        if setbacks.are_hopeless(asyncio.get_running_loop().time()):
            raise DeliveryError(err.method, err.code) from err
        if step.method == "chat.startStream":
            self.refuse_stream(err.code)
        elif setbacks.call_for_change:
            self._workarounds.change(step.method, step.writer, ended=self._reader.ended)

    @property
    def _has_native_mode(self) -> bool:
        return "native" in self._active_reply.modes

    def _may_stream(self) -> bool:
        return self._has_native_mode and self._rate_limiter.allows_stream(
            self._location.thread.channel
        )

    def _grow_by_edits(self) -> None:
        self._active_reply.modes = EDITS
