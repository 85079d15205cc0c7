"""One message of a reply: what it shows, and the call that brings it to what it should show."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Literal, NamedTuple

from slackbot.conversation.controls import Confirm, Controls
from slackbot.conversation.messages import ThreadKey
from slackbot.delivery.annotations import Task
from slackbot.delivery.call_scheduler import Method
from slackbot.delivery.reply_transport import MessageContent, ReplyMessageId, ReplyTransport
from slackbot.errors import DeliveryError, SlackError, UnreachableError
from slackbot.markdown.escaping import escape_mentions, escape_mrkdwn, stable_prefix
from slackbot.markdown.excerpts import notification_text
from slackbot.markdown.preview import to_preview

logger = logging.getLogger(__name__)

STREAM_ENDED = "message_not_in_streaming_state"
"""A stream ends after about five minutes, however busy; its message can be edited then."""

STREAM_STILL_OPEN = "streaming_state_conflict"
"""An earlier run left the message as a stream, so it can't be edited yet."""

STOPPED_BY_USER = "stopped_by_user"
"""A person has pressed Slack's own stop button: the stream is over."""

TASK_REFUSAL_CODES = frozenset({"invalid_arguments", "invalid_chunks"})
"""The stream does not take what it is told of tasks; it takes text."""

Style = Literal["full", "bare", "plain"]
"""How a message is shown: as Markdown with its buttons; without them; as text, without blocks."""


class Page(NamedTuple):
    """What one message of a reply is to show; it grows no more once it is `closed`."""

    text: str
    closed: bool
    controls: Controls = "none"
    status_line: str = ""
    """What stands below the text for now; a stream shows the tasks instead."""
    tasks: tuple[Task, ...] = ()

    @property
    def visible(self) -> str:
        """What can be shown of it now."""
        if self.closed:
            return self.text
        return "\n\n".join(part for part in (to_preview(self.text), self.status_line) if part)

    @property
    def asks_approval(self) -> bool:
        """Whether there is something that people have to answer."""
        return isinstance(self.controls, Confirm)

    @property
    def streamable(self) -> str:
        """What a stream may be given of it: what is sent there can't be changed any more."""
        return escape_mentions(self.text if self.closed else stable_prefix(self.text))


class MessageWriter:
    def __init__(
        self,
        transport: ReplyTransport,
        thread: ThreadKey,
        message_id: ReplyMessageId,
        *,
        ts: str | None,
        recipient: str | None,
    ) -> None:
        """With a `recipient` it grows as a stream of Slack's own."""
        self.ts = ts
        self.style: Style = "full"
        self.is_being_deleted = False
        """The reply itself takes it away."""
        self._transport = transport
        self._thread = thread
        self._message_id = message_id
        self._recipient = recipient
        self._may_be_posted = False
        """It may have been posted: nobody said."""
        self._shown: tuple[str, Controls] | None = None
        self._streamed: str | None = None
        """What an open stream has been given."""
        self._shown_tasks: dict[str, bool] = {}
        """The tasks that the stream shows, and whether they are done there."""
        self._tasks_refused = False
        """Slack takes no tasks."""
        self._must_stop_stream = False
        """The message is a stream of which nobody knows what it shows: it is ended, then edited."""

    def due_call(self, page: Page) -> Method | None:
        """The call that makes it show this page; None if it does.

        A page that stays blank is no message.
        """
        if self._must_stop_stream:
            return "chat.stopStream"
        if self._streamed is not None:
            return self._due_stream_call(page, self._streamed)
        if not page.visible.strip():
            return "chat.delete" if page.closed and self.ts is not None else None
        if self.ts is not None:
            return "chat.update" if self._visible_state(page) != self._shown else None
        if page.closed or page.asks_approval or self._recipient is None:
            return "chat.postMessage"
        return "chat.startStream" if page.streamable or self._task_updates(page) else None

    def _due_stream_call(self, page: Page, sent: str) -> Method | None:
        """What was sent can't be taken back: if it does not go on so, the stream is stopped, and
        the message edited then. So it is where a question needs buttons, which a stream has not.
        """
        if page.closed or page.asks_approval or not page.streamable.startswith(sent):
            return "chat.stopStream"
        return "chat.appendStream" if page.streamable != sent or self._task_updates(page) else None

    def _task_updates(self, page: Page) -> tuple[Task, ...]:
        """What an open stream is to be told of tasks: those that begin here, and their ends."""
        if self._tasks_refused:
            return ()
        return tuple(
            task for task in page.tasks if task.done != self._shown_tasks.get(task.id, True)
        )

    async def show(self, page: Page) -> None:
        """Makes the call that is due. What it raises leaves the call due."""
        match self.due_call(page):
            case "chat.postMessage":
                await self._post(page)
            case "chat.update" if self.ts is not None:
                await self._edit(self.ts, page)
            case "chat.startStream" if self._recipient is not None:
                await self._start(self._recipient, page.streamable, self._task_updates(page))
            case "chat.delete" if self.ts is not None:
                await self._delete(self.ts)
            case "chat.appendStream" | "chat.stopStream" if self.ts is not None:
                await self._continue_stream(self.ts, page)

    def forget(self) -> None:
        """The message can't be changed any more: what is to be shown needs a new one."""
        self.ts = self._shown = self._streamed = None
        self._must_stop_stream = False

    async def _post(self, page: Page) -> None:
        if await self._is_posted():
            return
        with self._noting_late_effect():
            self.ts = await self._transport.post(
                self._thread, self._to_content(page), self._message_id
            )
            self._shown = self._visible_state(page)

    async def _edit(self, ts: str, page: Page) -> None:
        try:
            await self._transport.edit(self._thread, ts, self._to_content(page), self._message_id)
        except DeliveryError as err:
            if err.code != STREAM_STILL_OPEN:
                raise
            self._must_stop_stream = True
        else:
            self._shown = self._visible_state(page)

    async def _delete(self, ts: str) -> None:
        self.is_being_deleted = True
        self.forget()
        try:
            await self._transport.delete(self._thread, ts)
        except DeliveryError as err:
            logger.info("%s is not deleted: %s", ts, err.code)
        except SlackError:  # perhaps it is gone all the same
            self.ts = ts
            raise

    async def _start(self, recipient: str, streamable: str, updates: Sequence[Task]) -> None:
        if await self._is_posted():
            return
        try:
            with self._noting_late_effect():
                self.ts = await self._transport.start_stream(
                    self._thread, recipient, streamable, updates
                )
                self._streamed = streamable
                self._shown_tasks |= {task.id: task.done for task in updates}
        except DeliveryError as err:
            logger.info("No stream in %s (%s), editing instead", self._thread.channel, err.code)
            self._recipient = None

    def _visible_state(self, page: Page) -> tuple[str, Controls]:
        return page.visible, page.controls if self.style == "full" else "none"

    def _to_content(self, page: Page) -> MessageContent:
        markdown, controls = self._visible_state(page)
        if self.style == "plain":
            return MessageContent(None, escape_mrkdwn(markdown))
        return MessageContent(escape_mentions(markdown), notification_text(markdown), controls)

    async def _is_posted(self) -> bool:
        """Whether the message was posted already, where that is not sure."""
        if self._may_be_posted:
            try:
                include_open_stream = self._recipient is not None
                found = await self._transport.find_messages(
                    self._thread, self._message_id.key, include_open_stream=include_open_stream
                )
            except DeliveryError as err:  # it can't be looked for
                logger.warning("A message may stand twice: %s", err.code)
                found = {}
            self.ts = found.get(self._message_id.number)
            self._may_be_posted = False
        return self.ts is not None

    @contextmanager
    def _noting_late_effect(self) -> Iterator[None]:
        """Remembers that a call may have taken effect though it failed."""
        try:
            yield
        except UnreachableError as err:
            self._may_be_posted = err.sent
            raise

    async def _continue_stream(self, ts: str, page: Page) -> None:
        streamable, before = page.streamable, self._streamed or ""
        goes_on = (
            streamable.startswith(before) and not self._must_stop_stream and not page.asks_approval
        )
        rest = streamable.removeprefix(before) if goes_on else ""
        try:
            if page.closed or not goes_on:
                controls = self._visible_state(page)[1] if page.closed and goes_on else "none"
                ended_tasks = [
                    replace(task, done=True)
                    for task in page.tasks
                    if not self._shown_tasks.get(task.id, True)
                ]
                await self._transport.stop_stream(
                    self._thread,
                    ts,
                    rest,
                    tasks=ended_tasks,
                    controls=controls,
                    message_id=self._message_id,
                )
                self._shown_tasks |= {task.id: True for task in ended_tasks}
                self._shown = (page.text, controls) if goes_on else None
                self._streamed, self._must_stop_stream = None, False
            else:
                updates = self._task_updates(page)
                await self._transport.append_stream(self._thread, ts, rest, updates)
                self._streamed = streamable
                self._shown_tasks |= {task.id: task.done for task in updates}
        except UnreachableError as err:
            self._must_stop_stream = self._must_stop_stream or err.sent
            raise
        except DeliveryError as err:
            if err.code in TASK_REFUSAL_CODES and not self._tasks_refused:
                self._tasks_refused, self._shown_tasks = True, {}
                return
            if err.code not in (STREAM_ENDED, STOPPED_BY_USER):
                raise
            self._streamed, self._shown, self._must_stop_stream = None, None, False
            if err.code == STOPPED_BY_USER:
                raise
