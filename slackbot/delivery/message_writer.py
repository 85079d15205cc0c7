"""Writes one message of a reply: compares what it shows with its page, and makes the next call."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Literal

from slackbot.conversation.controls import Controls
from slackbot.conversation.ids import Ts, UserId
from slackbot.conversation.messages import ThreadKey
from slackbot.conversation.post_intent import MAX_TEXT_CHARACTERS, StreamBeginning
from slackbot.delivery.agent_sessions import AgentSessions
from slackbot.delivery.annotations import Task
from slackbot.delivery.call_budgets import Method
from slackbot.delivery.page import Page
from slackbot.delivery.reply_transport import MessageContent, ReplyMessageId, ReplyTransport
from slackbot.delivery.texts import WITHDRAWN
from slackbot.errors import DeliveryError, SlackError, UnknownRefusalError, UnreachableError
from slackbot.markdown.escaping import escape_mrkdwn
from slackbot.markdown.excerpts import notification_text
from slackbot.markdown.rendering import to_slack

logger = logging.getLogger(__name__)

STREAM_ENDED = "message_not_in_streaming_state"
"""Slack ends a stream after about five minutes; its message can be edited then."""

STREAM_STILL_OPEN = frozenset({"streaming_state_conflict", "cant_delete_message"})
"""The message is a stream that is still open, so it can't be edited or deleted yet."""

CONTENT_REFUSED = frozenset(
    {
        "invalid_attachments",
        "invalid_blocks",
        "invalid_blocks_format",
        "msg_blocks_too_long",
        "msg_too_long",
    }
)
"""Slack refuses this Markdown as a block, but may accept less of it, or accept it as text."""

STOPPED_BY_USER = "stopped_by_user"
"""A person has pressed Slack's own stop button, which ends the stream."""

MESSAGE_NOT_FOUND = "message_not_found"
"""The message was deleted."""

STREAM_LOST = frozenset({STREAM_ENDED, STOPPED_BY_USER})
"""Nothing more can be sent to the stream."""

MAX_STOPS = 3
"""How often Slack is asked to stop a stream that stays open."""

TASK_REFUSAL_CODES = frozenset({"invalid_arguments", "invalid_chunks"})
"""Slack refuses the tasks of a stream, but may accept its text."""

Style = Literal["full", "bare", "plain"]
"""As Markdown with buttons; as Markdown without buttons; as text without blocks."""


class MessageWriter:
    def __init__(
        self,
        transport: ReplyTransport,
        sessions: AgentSessions,
        thread: ThreadKey,
        message_id: ReplyMessageId,
        *,
        ts: Ts | None,
        recipient: UserId | None,
    ) -> None:
        """With a `recipient` (a user ID) it grows as one of Slack's streams, otherwise by edits."""
        self.ts = ts
        self.style: Style = "full"
        self.in_thread = True
        """A new message is posted to the thread, not to its channel."""
        self.is_being_deleted = False
        """The reply deletes this message itself."""
        self.has_written = False
        """This attempt has shown something in the message."""
        self._transport = transport
        self._sessions = sessions
        self._thread = thread
        self._message_id = message_id
        self._recipient = recipient
        self._shown: tuple[str, Controls] | None = None
        self._streamed: str | None = None
        """The text that was sent to an open stream; None without one."""
        self._shown_tasks: dict[str, bool] = {}
        """By task ID: whether the stream shows the task as done."""
        self._tasks_refused = False
        """Slack refuses the tasks of this stream."""
        self._must_stop_stream = False
        """Its content is unknown: it is stopped, and the message edited afterwards."""
        self._refused_stops = 0
        """How often there was no stream to stop, or Slack would not stop it."""
        self._cannot_delete = False
        """Slack does not delete the message: it says instead that it no longer counts."""

    @property
    def number(self) -> int:
        """Its place among the messages of the reply."""
        return self._message_id.number

    def edit_only(self) -> None:
        """A message that is not posted yet will grow by edits."""
        self._recipient = None

    def due_call(self, page: Page) -> Method | None:
        """Returns the call that makes the message show this page; None if it already does.

        A blank page gets no message.
        """
        if self._must_stop_stream:
            return "chat.stopStream"
        if self._streamed is not None:
            return self._due_stream_call(page)
        if not (page.visible.strip() or self._cannot_delete):
            return "chat.delete" if page.closed and self.ts is not None else None
        if self.ts is not None:
            return "chat.update" if self._visible_state(page) != self._shown else None
        if page.closed or page.asks_approval or self._recipient is None:
            return "chat.postMessage"
        return "chat.startStream" if page.streamable or self._task_updates(page) else None

    def _due_stream_call(self, page: Page) -> Method | None:
        """Stops a stream that can't show the page: the message is edited afterwards."""
        if page.closed or not self._is_continued_by(page):
            return "chat.stopStream"
        return "chat.appendStream" if self._unsent(page) or self._task_updates(page) else None

    def _task_updates(self, page: Page) -> tuple[Task, ...]:
        """Returns the tasks that have begun or ended since the last call."""
        if self._tasks_refused:
            return ()
        return tuple(
            task for task in page.tasks if task.done != self._shown_tasks.get(task.id, True)
        )

    def beginning(self, page: Page) -> StreamBeginning:
        """Returns what a stream that begins with this page shows first."""
        tasks = tuple(task.id for task in self._task_updates(page))
        return StreamBeginning(page.streamable[:MAX_TEXT_CHARACTERS], tasks)

    async def show(self, page: Page) -> None:
        """Makes the call that is due. If it raises an error, the call stays due."""
        match self.due_call(page):
            case "chat.postMessage":
                await self._post(page)
            case "chat.update" if self.ts is not None:
                await self._edit(self.ts, page)
            case "chat.startStream" if self._recipient is not None:
                await self._start(self._recipient, page.streamable, self._task_updates(page))
            case "chat.delete" if self.ts is not None:
                await self._delete(self.ts)
            case "chat.appendStream" if self.ts is not None:
                await self._append(self.ts, page)
            case "chat.stopStream" if self.ts is not None:
                await self._stop(self.ts, page)

    def forget(self) -> None:
        """Drops the message, which can't be changed any more: the page gets a new one."""
        self.ts = self._shown = self._streamed = None
        self._cannot_delete = False
        self._must_stop_stream, self._refused_stops = False, 0

    def give_up_deletion(self) -> None:
        """Lets the message say that it no longer counts, as Slack does not delete it."""
        self._cannot_delete = True

    async def _post(self, page: Page) -> None:
        self.ts = await self._transport.post(
            self._thread, self._to_content(page), self._message_id, in_thread=self.in_thread
        )
        self._shown, self.has_written = self._visible_state(page), True

    async def _edit(self, ts: Ts, page: Page) -> None:
        try:
            await self._transport.edit(self._thread, ts, self._to_content(page), self._message_id)
        except DeliveryError as err:
            if err.code not in STREAM_STILL_OPEN:
                raise
            self._must_stop_stream = self._refused_stops < MAX_STOPS
            if self._refused_stops:  # a pause helps: the stream dies by itself within minutes
                raise UnreachableError(err.method, sent=False) from err
        else:
            self._shown, self.has_written = self._visible_state(page), True

    async def _delete(self, ts: Ts) -> None:
        self.is_being_deleted, refused_stops = True, self._refused_stops
        self.forget()
        try:
            await self._transport.delete(self._thread, ts)
        except DeliveryError as err:
            if err.code in STREAM_STILL_OPEN and refused_stops < MAX_STOPS:
                self.ts, self._must_stop_stream, self._refused_stops = ts, True, refused_stops
            elif err.code != MESSAGE_NOT_FOUND:
                logger.warning("%s is not deleted: %s", ts, err.code)
                self.ts = ts
                self.give_up_deletion()
        except SlackError:  # the call may have taken effect
            self.ts = ts
            raise

    async def _start(self, recipient: UserId, streamable: str, updates: Sequence[Task]) -> None:
        try:
            self.ts = await self._transport.start_stream(
                self._thread, recipient, streamable, updates
            )
        except (DeliveryError, UnreachableError):
            self._recipient = None  # it grows by edits from now on
            raise
        self._streamed, self.has_written = streamable, True
        self._shown_tasks |= {task.id: task.done for task in updates}
        self._sessions.begin(self._thread)

    def _visible_state(self, page: Page) -> tuple[str, Controls]:
        if self._cannot_delete and not page.visible.strip():
            return WITHDRAWN, "none"
        return page.visible, page.controls if self.style == "full" else "none"

    def _to_content(self, page: Page) -> MessageContent:
        markdown, controls = self._visible_state(page)
        if self.style == "plain":
            return MessageContent(None, escape_mrkdwn(markdown))
        text = notification_text(markdown)
        if page.question:
            question = to_slack(page.question)
            return MessageContent(to_slack(page.above_question), text, controls, question)
        return MessageContent(to_slack(markdown), text, controls)

    async def _append(self, ts: Ts, page: Page) -> None:
        updates = self._task_updates(page)
        with self._noting_stream_faults():
            await self._transport.append_stream(self._thread, ts, self._unsent(page), updates)
            self._streamed = page.streamable
            self._shown_tasks |= {task.id: task.done for task in updates}

    async def _stop(self, ts: Ts, page: Page) -> None:
        """Stops the stream, with what is left to send if its sent text is right."""
        is_continued = not self._must_stop_stream and self._is_continued_by(page)
        controls = self._visible_state(page)[1] if page.closed and is_continued else "none"
        ended_tasks = [
            replace(task, done=True)
            for task in page.tasks
            if not self._shown_tasks.get(task.id, True)
        ]
        with self._noting_stream_faults(is_content=is_continued):
            await self._transport.stop_stream(
                self._thread,
                ts,
                self._unsent(page) if is_continued else "",
                tasks=ended_tasks,
                controls=controls,
                message_id=self._message_id,
                session_status=page.session_status,
            )
            self._sessions.note(self._thread, page.session_status)
            self._shown_tasks |= {task.id: True for task in ended_tasks}
            self._shown = (page.text, controls) if is_continued else None
            self._streamed, self._must_stop_stream = None, False

    def _is_continued_by(self, page: Page) -> bool:
        """Whether the stream can show the page: its sent text is right, and it needs no buttons."""
        return page.streamable.startswith(self._streamed or "") and not page.asks_approval

    def _unsent(self, page: Page) -> str:
        return page.streamable.removeprefix(self._streamed or "")

    @contextmanager
    def _noting_stream_faults(self, *, is_content: bool = False) -> Iterator[None]:
        """Notes why a call of the stream failed. Raises the error unless another call may do.

        `is_content` means that the content of the ended message may be refused.
        """
        try:
            yield
        except (DeliveryError, UnknownRefusalError) as err:
            if err.code in TASK_REFUSAL_CODES and not self._tasks_refused:
                self._tasks_refused, self._shown_tasks = True, {}
                return
            if is_content and err.code in CONTENT_REFUSED and self.style != "plain":
                raise
            if err.code not in STREAM_LOST and not self._must_stop_stream:
                self._must_stop_stream = True  # the reason is unknown: edits may do
                return
            self._streamed, self._shown, self._must_stop_stream = None, None, False
            self._refused_stops += 1
            if err.code == STOPPED_BY_USER:
                raise
        except UnreachableError as err:
            self._must_stop_stream = self._must_stop_stream or err.sent
            raise
