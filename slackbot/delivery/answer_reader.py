"""The model's side of a reply: what it writes, and how that comes to its end."""

import asyncio
import logging
from collections.abc import AsyncIterator

from slackbot.conversation.controls import Confirm, Controls
from slackbot.conversation.deltas import Delta
from slackbot.conversation.draft import Draft
from slackbot.conversation.texts import EMPTY
from slackbot.delivery import annotations
from slackbot.errors import UNEXPECTED, SlackbotError
from slackbot.markdown.notes import with_notes, with_quotes
from slackbot.markdown.preview import to_preview

logger = logging.getLogger(__name__)

NOTES = {
    "stopped": "Stopped here.",
    "length": "The answer was cut off here: it reached the model's length limit.",
    "content_filter": "The answer was cut off here by the model's content filter.",
    "broken": "The answer broke off here. Please ask again.",
}


class AnswerReader:
    def __init__(self) -> None:
        self.draft = Draft()
        self.ended = False
        self.changed = asyncio.Event()
        """There is something new; to be cleared by whoever looks."""
        self._why = ""
        """Why the answer ended, where it did not simply end."""
        self._failed = False
        self._stopped = False
        self._task: asyncio.Task[None] | None = None

    @property
    def notes(self) -> tuple[str, ...]:
        """The sentences that the answer ends with."""
        if not self.ended:
            return ()
        return (*self.draft.notes, self._why) if self._why else self.draft.notes

    @property
    def controls(self) -> Controls:
        """What is to be under the answer now."""
        if not self.ended:
            asking = self.draft.asking
            return "stop" if asking is None else Confirm(asking.id)
        return "failed" if self._failed else "finished"

    @property
    def aside(self) -> str:
        """What stands below the text while tools are used, until there is more text."""
        if self.draft.asking is not None:
            return annotations.question(self.draft.asking) or ""
        if self.draft.searching:
            return annotations.SEARCHING
        return annotations.using(self.draft.using) if self.draft.using else ""

    @property
    def text(self) -> str:
        """All that was written, under what was said aloud by whoever asked."""
        return with_quotes(self.draft.quotes, self.draft.shown)

    @property
    def whole(self) -> str:
        """All that the answer shows once it has ended."""
        text = self.text
        if self.notes:
            text = to_preview(text)
        used = annotations.used(self.draft.used) if self.draft.used else ""
        for below in (annotations.sources(self.draft.sources), used):
            if below:
                text = f"{text.rstrip()}\n\n{below}".lstrip()
        return with_notes(text, *self.notes) if self.notes else text

    def stop(self) -> bool:
        """The model is stopped, what it wrote stays; false if it has come to its end by itself."""
        if self.ended:
            return False
        self._stopped = True
        if self._task is not None:
            self._task.cancel()
        return True

    def end(self) -> None:
        """Nothing more comes."""
        self.ended = True
        self.changed.set()

    async def read(self, deltas: AsyncIterator[Delta]) -> None:
        """Folds the deltas into the draft, as fast as they come; what goes wrong is its note."""
        self._task = asyncio.current_task()
        try:
            if not self._stopped:
                await self._fold(deltas)
        except asyncio.CancelledError:
            if not self._stopped:
                raise
        except SlackbotError as err:
            self._why, self._failed = err.user_message, True
        except Exception:  # a bug of ours must not leave the message unfinished
            logger.exception("Reading the answer failed")
            self._why, self._failed = UNEXPECTED, True
        if self._stopped:
            self.draft.finish_reason, self._why, self._failed = "stopped", NOTES["stopped"], False
        self.end()

    async def _fold(self, deltas: AsyncIterator[Delta]) -> None:
        async for delta in deltas:
            self.draft.add(delta)
            self.changed.set()
        self._why = EMPTY if self.draft.answer is None else NOTES.get(self.draft.finish_reason, "")
        self._failed = self.draft.answer is None or self.draft.finish_reason == "broken"
