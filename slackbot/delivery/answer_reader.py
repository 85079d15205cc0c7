"""Follows the agent's draft to its end, and renders the text, notes and buttons of the reply."""

import asyncio
import logging
from collections.abc import AsyncIterator

from slackbot.conversation.controls import Confirm, Controls
from slackbot.conversation.draft import Draft
from slackbot.conversation.texts import EMPTY
from slackbot.delivery import annotations
from slackbot.delivery.approval_question import approval_question
from slackbot.delivery.texts import FINISH_NOTES
from slackbot.errors import UNEXPECTED, SlackbotError
from slackbot.markdown.notes import with_notes, with_quotes
from slackbot.markdown.preview import to_preview

logger = logging.getLogger(__name__)


class AnswerReader:
    """Reads a draft without changing it."""

    def __init__(self) -> None:
        self.draft = Draft()
        """The agent's draft; empty until the agent gives one."""
        self.ended = False
        self.changed = asyncio.Event()
        """There is something new to show; the writer clears the event."""
        self._received = False
        """The agent has given its draft."""
        self._closing_note = ""
        """Why the answer ended; empty for a complete one."""
        self._failed = False
        self._stopped = False
        self._task: asyncio.Task[None] | None = None

    @property
    def result(self) -> Draft | None:
        """The final draft; None if the answer was stopped, or failed, before there was one.

        An answer that a person stopped has the finish reason `stopped`.
        """
        if not self._received:
            return None
        return self.draft.finished_as("stopped") if self._stopped else self.draft

    @property
    def notes(self) -> tuple[str, ...]:
        """The sentences below the finished answer."""
        if not self.ended:
            return ()
        return (*self.draft.notes, self._closing_note) if self._closing_note else self.draft.notes

    @property
    def controls(self) -> Controls:
        """The buttons below the answer."""
        if not self.ended:
            asking = self.draft.asking
            return "stop" if asking is None else Confirm(asking.question)
        return "failed" if self._failed else "finished"

    @property
    def status_line(self) -> str:
        """The line below the text while tools are used, until there is more text."""
        if self.draft.asking is not None:
            return approval_question(self.draft.asking.call) or ""
        if self.draft.searching:
            return annotations.SEARCHING_LINE
        return (
            annotations.tools_running_line(self.draft.tools_in_use)
            if self.draft.tools_in_use
            else ""
        )

    @property
    def text(self) -> str:
        """The whole text, below quotes of the requester's voice messages."""
        return with_quotes(self.draft.quotes, self.draft.visible_text)

    @property
    def full_text(self) -> str:
        """The finished answer with its sources, tools and notes."""
        text = self.text
        if self.notes:
            text = to_preview(text)
        used = annotations.tools_used_line(self.draft.used_tools) if self.draft.used_tools else ""
        for below in (annotations.sources_line(self.draft.sources), used):
            if below:
                text = f"{text.rstrip()}\n\n{below}".lstrip()
        return with_notes(text, *self.notes) if self.notes else text

    def stop(self) -> bool:
        """Stops the agent and keeps its text. False if the answer has already ended."""
        if self.ended:
            return False
        self._stopped = True
        if self._task is not None:
            self._task.cancel()
        return True

    def end(self) -> None:
        """Marks the answer as ended."""
        self.ended = True
        self.changed.set()

    async def read(self, drafts: AsyncIterator[Draft]) -> None:
        """Follows the draft until it ends. An error becomes a note below the answer."""
        self._task = asyncio.current_task()
        try:
            if not self._stopped:
                await self._follow(drafts)
        except asyncio.CancelledError:
            if not self._stopped:
                raise
        except SlackbotError as err:
            self._closing_note, self._failed = err.user_message, True
        except Exception:  # a bug of ours must not leave the message unfinished
            logger.exception("Reading the answer failed")
            self._closing_note, self._failed = UNEXPECTED, True
        if self._stopped:
            self._closing_note, self._failed = FINISH_NOTES["stopped"], False
        self.end()

    async def _follow(self, drafts: AsyncIterator[Draft]) -> None:
        async for draft in drafts:
            self.draft, self._received = draft, True
            self.changed.set()
        reason = self.draft.finish_reason
        is_cut = reason in {"length", "content_filter"}
        is_empty = self.draft.answer is None and not is_cut
        self._closing_note = EMPTY if is_empty else FINISH_NOTES.get(reason, "")
        self._failed = self.draft.answer is None or self.draft.finish_reason == "broken"
