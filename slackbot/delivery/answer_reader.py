"""Follows the agent's draft to its end, and renders the text, notes and buttons of the reply."""

import asyncio
import logging
from collections.abc import AsyncIterator

from slackbot.conversation.controls import Confirm, Controls
from slackbot.conversation.draft import Draft
from slackbot.conversation.texts import EMPTY
from slackbot.delivery import annotations
from slackbot.delivery.approval_question import approval_question
from slackbot.delivery.message_limits import MAX_MESSAGES
from slackbot.delivery.texts import ANSWER_TOO_LONG, FINISH_NOTES, THOUGHT_TOO_LONG
from slackbot.errors import UNEXPECTED, LostStoreError, SlackbotError
from slackbot.markdown.note_marks import replace_marks
from slackbot.markdown.notes import with_notes, with_quotes
from slackbot.markdown.preview import last_fence, to_preview
from slackbot.markdown.splitting import MAX_PAGE_CHARACTERS

MAX_ANSWER_CHARACTERS = MAX_MESSAGES * MAX_PAGE_CHARACTERS
"""Of all that the model writes: no more of it could be shown, and a model may write blanks for
ever.
"""

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
        self._max_characters: int | None = None
        """How much of the text is shown, if the answer is too long."""
        self._task: asyncio.Task[None] | None = None

    @property
    def result(self) -> Draft | None:
        """The final draft; None if the answer was stopped, or failed, before there was one.

        An answer that a person stopped has the finish reason `stopped`.
        """
        if not self._received:
            return None
        draft = self.draft
        if self._max_characters is not None:
            quoted = len(with_quotes(draft.quotes, "") if draft.quotes else "")
            draft = draft.shortened(self._max_characters - quoted).finished_as("length")
        return draft.finished_as("stopped") if self._stopped else draft

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
    def _is_cut_off(self) -> bool:
        return self._max_characters is not None

    @property
    def status_line(self) -> str:
        """The line below the text while tools are used, until there is more text."""
        if (asking := self.draft.asking) is not None:
            return approval_question(asking.call, asking.review) or ""
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
        text = with_quotes(self.draft.quotes, replace_marks(self.draft.visible_text))
        return text if self._max_characters is None else text[: self._max_characters].rstrip()

    @property
    def full_text(self) -> str:
        """The finished answer with its sources, tools and notes."""
        text = self.text
        used = annotations.tools_used_line(self.draft.used_tools) if self.draft.used_tools else ""
        lines = [each for each in (annotations.sources_line(self.draft.sources), used) if each]
        fence = last_fence(text) if lines else None
        if self.notes or (fence is not None and fence.end is None):
            text = to_preview(text)
        for below in lines:
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

    def cut_off(self, characters: int) -> None:
        """Stops the agent, as the answer is too long, and keeps so many characters of its text."""
        if not self.ended and self._max_characters is None and self._task is not None:
            self._task.cancel()
        self._max_characters = characters
        if not self._stopped:
            self._closing_note, self._failed = ANSWER_TOO_LONG, False

    def end(self) -> None:
        """Marks the answer as ended."""
        self.ended = True
        self.changed.set()

    async def read(self, drafts: AsyncIterator[Draft]) -> None:
        """Follows the draft until it ends. An error becomes a note below the answer.

        Raises LostStoreError.
        """
        self._task = asyncio.current_task()
        try:
            if not self._stopped:
                await self._follow(drafts)
        except asyncio.CancelledError:
            if not (self._stopped or self._is_cut_off):
                raise
        except LostStoreError:  # another process gives the answer
            raise
        except SlackbotError as err:
            self._closing_note, self._failed = err.user_message, True
        except Exception:  # a bug of ours must not leave the message unfinished
            logger.exception("Reading the answer failed")
            self._closing_note, self._failed = UNEXPECTED, True
        if self._is_cut_off:
            self._closing_note, self._failed = ANSWER_TOO_LONG, False
        if self._stopped:
            self._closing_note, self._failed = FINISH_NOTES["stopped"], False
        self.end()

    async def _follow(self, drafts: AsyncIterator[Draft]) -> None:
        async for draft in drafts:
            self.draft, self._received = draft, True
            self.changed.set()
            if draft.written > MAX_ANSWER_CHARACTERS and not self._is_cut_off:
                self.cut_off(min(len(self.text), MAX_ANSWER_CHARACTERS))
        if self._is_cut_off:
            await asyncio.sleep(0)  # raises the cancellation, if nothing was awaited since
        reason = self.draft.finish_reason
        is_cut = reason in {"length", "content_filter"}
        is_empty = self.draft.answer is None and not is_cut
        self._closing_note = EMPTY if is_empty else FINISH_NOTES.get(reason, "")
        if reason == "length" and self.draft.answer is None:
            self._closing_note = THOUGHT_TOO_LONG
        self._failed = self.draft.answer is None or self.draft.finish_reason == "broken"
