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

STREAM_OVER = "message_not_in_streaming_state"
"""A stream ends after about five minutes, however busy; its message can be edited then."""

STREAM_OPEN = "streaming_state_conflict"
"""An earlier run left the message as a stream, so it can't be edited yet."""

STOPPED = "stopped_by_user"
"""A person has pressed Slack's own stop button: the stream is over."""

TASKS_REFUSED = frozenset({"invalid_arguments", "invalid_chunks"})
"""The stream does not take what it is told of tasks; it takes text."""

Style = Literal["full", "bare", "plain"]
"""How a message is shown: as Markdown with its buttons; without them; as text, without blocks."""


class Page(NamedTuple):
    """What one message of a reply is to show; it grows no more once it is `closed`."""

    text: str
    closed: bool
    controls: Controls = "none"
    aside: str = ""
    """What stands below the text for now; a stream shows the tasks instead."""
    tasks: tuple[Task, ...] = ()

    @property
    def visible(self) -> str:
        """What can be shown of it now."""
        if self.closed:
            return self.text
        return "\n\n".join(part for part in (to_preview(self.text), self.aside) if part)

    @property
    def asks(self) -> bool:
        """Whether there is something that people have to answer."""
        return isinstance(self.controls, Confirm)

    @property
    def ready(self) -> str:
        """What a stream may be given of it: what is sent there can't be changed any more."""
        return escape_mentions(self.text if self.closed else stable_prefix(self.text))


class MessageWriter:
    def __init__(
        self,
        transport: ReplyTransport,
        thread: ThreadKey,
        name: ReplyMessageId,
        *,
        ts: str | None,
        reader: str | None,
    ) -> None:
        """With a `reader` it grows as a stream of Slack's own."""
        self.ts = ts
        self.style: Style = "full"
        self.leaving = False
        """The reply itself takes it away."""
        self._transport = transport
        self._thread = thread
        self._name = name
        self._reader = reader
        self._unsure = False
        """It may have been posted: nobody said."""
        self._shown: tuple[str, Controls] | None = None
        self._sent: str | None = None
        """What an open stream has been given."""
        self._told: dict[str, bool] = {}
        """The tasks that the stream shows, and whether they are done there."""
        self._taskless = False
        """Slack takes no tasks."""
        self._stopping = False
        """The message is a stream of which nobody knows what it shows: it is ended, then edited."""

    def due(self, page: Page) -> Method | None:
        """The call that makes it show this page; None if it does.

        A page that stays blank is no message.
        """
        if self._stopping:
            return "chat.stopStream"
        if self._sent is not None:
            return self._due_of_stream(page, self._sent)
        if not page.visible.strip():
            return "chat.delete" if page.closed and self.ts is not None else None
        if self.ts is not None:
            return "chat.update" if self._look(page) != self._shown else None
        if page.closed or page.asks or self._reader is None:
            return "chat.postMessage"
        return "chat.startStream" if page.ready or self._news(page) else None

    def _due_of_stream(self, page: Page, sent: str) -> Method | None:
        """What was sent can't be taken back: if it does not go on so, the stream is stopped, and
        the message edited then. So it is where a question needs buttons, which a stream has not.
        """
        if page.closed or page.asks or not page.ready.startswith(sent):
            return "chat.stopStream"
        return "chat.appendStream" if page.ready != sent or self._news(page) else None

    def _news(self, page: Page) -> tuple[Task, ...]:
        """What an open stream is to be told of tasks: those that begin here, and their ends."""
        if self._taskless:
            return ()
        return tuple(task for task in page.tasks if task.done != self._told.get(task.id, True))

    async def show(self, page: Page) -> None:
        """Makes the call that is due. What it raises leaves the call due."""
        match self.due(page):
            case "chat.postMessage":
                await self._post(page)
            case "chat.update" if self.ts is not None:
                await self._edit(self.ts, page)
            case "chat.startStream" if self._reader is not None:
                await self._start(self._reader, page.ready, self._news(page))
            case "chat.delete" if self.ts is not None:
                await self._delete(self.ts)
            case "chat.appendStream" | "chat.stopStream" if self.ts is not None:
                await self._grow(self.ts, page)

    def forget(self) -> None:
        """The message can't be changed any more: what is to be shown needs a new one."""
        self.ts = self._shown = self._sent = None
        self._stopping = False

    async def _post(self, page: Page) -> None:
        if await self._is_there():
            return
        with self._minding():
            self.ts = await self._transport.post(self._thread, self._as_shown(page), self._name)
            self._shown = self._look(page)

    async def _edit(self, ts: str, page: Page) -> None:
        try:
            await self._transport.edit(self._thread, ts, self._as_shown(page), self._name)
        except DeliveryError as err:
            if err.code != STREAM_OPEN:
                raise
            self._stopping = True
        else:
            self._shown = self._look(page)

    async def _delete(self, ts: str) -> None:
        self.leaving = True
        self.forget()
        try:
            await self._transport.delete(self._thread, ts)
        except DeliveryError as err:
            logger.info("%s is not deleted: %s", ts, err.code)
        except SlackError:  # perhaps it is gone all the same
            self.ts = ts
            raise

    async def _start(self, reader: str, ready: str, news: Sequence[Task]) -> None:
        if await self._is_there():
            return
        try:
            with self._minding():
                self.ts = await self._transport.start_stream(self._thread, reader, ready, news)
                self._sent = ready
                self._told |= {task.id: task.done for task in news}
        except DeliveryError as err:
            logger.info("No stream in %s (%s), editing instead", self._thread.channel, err.code)
            self._reader = None

    def _look(self, page: Page) -> tuple[str, Controls]:
        return page.visible, page.controls if self.style == "full" else "none"

    def _as_shown(self, page: Page) -> MessageContent:
        markdown, controls = self._look(page)
        if self.style == "plain":
            return MessageContent(None, escape_mrkdwn(markdown))
        return MessageContent(escape_mentions(markdown), notification_text(markdown), controls)

    async def _is_there(self) -> bool:
        """Whether the message was posted already, where that is not sure."""
        if self._unsure:
            try:
                unnamed = self._reader is not None
                found = await self._transport.find(self._thread, self._name.key, unnamed=unnamed)
            except DeliveryError as err:  # it can't be looked for
                logger.warning("A message may stand twice: %s", err.code)
                found = {}
            self.ts = found.get(self._name.number)
            self._unsure = False
        return self.ts is not None

    @contextmanager
    def _minding(self) -> Iterator[None]:
        """Remembers that a call may have taken effect though it failed."""
        try:
            yield
        except UnreachableError as err:
            self._unsure = err.sent
            raise

    async def _grow(self, ts: str, page: Page) -> None:
        ready, before = page.ready, self._sent or ""
        goes_on = ready.startswith(before) and not self._stopping and not page.asks
        rest = ready.removeprefix(before) if goes_on else ""
        try:
            if page.closed or not goes_on:
                controls = self._look(page)[1] if page.closed and goes_on else "none"
                ends = [
                    replace(task, done=True)
                    for task in page.tasks
                    if not self._told.get(task.id, True)
                ]
                await self._transport.stop_stream(
                    self._thread, ts, rest, tasks=ends, controls=controls, name=self._name
                )
                self._told |= {task.id: True for task in ends}
                self._shown = (page.text, controls) if goes_on else None
                self._sent, self._stopping = None, False
            else:
                news = self._news(page)
                await self._transport.append_stream(self._thread, ts, rest, news)
                self._sent = ready
                self._told |= {task.id: task.done for task in news}
        except UnreachableError as err:
            self._stopping = self._stopping or err.sent
            raise
        except DeliveryError as err:
            if err.code in TASKS_REFUSED and not self._taskless:
                self._taskless, self._told = True, {}
                return
            if err.code not in (STREAM_OVER, STOPPED):
                raise
            self._sent, self._shown, self._stopping = None, None, False
            if err.code == STOPPED:
                raise
