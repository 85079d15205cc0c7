"""One reply in place: posted, edited as the model writes, continued, ended.

Reading the model and writing to Slack never wait for each other. The reader folds deltas into a
draft; the writer compares what the messages show with what they should show, and asks the gate
for one call at a time to make up the difference. Text that arrives meanwhile goes into the next
call. A call that fails leaves the difference where it was, so the end is tried until it is there.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from slackbot.conversation import ThreadKey
from slackbot.delta import Delta, Draft
from slackbot.errors import DeliveryError, RateLimitedError, SlackbotError, UnreachableError
from slackbot.gate import Gate
from slackbot.pacing import Claim, Priority
from slackbot.pages import pages
from slackbot.preview import preview
from slackbot.text import harmless, notification

logger = logging.getLogger(__name__)

LONGEST_PAUSE = 30.0
"""Seconds between two tries while Slack can't be reached, at the most."""

NOTES = {
    "length": "The answer was cut off here: it reached the model's length limit.",
    "content_filter": "The answer was cut off here by the model's content filter.",
    "broken": "The answer broke off here. Please ask again.",
}
EMPTY = "The model had nothing to say to that. Please ask again, perhaps in other words."
UNEXPECTED = "Something unexpected went wrong on the bot's side. Please ask again."


@dataclass(frozen=True, slots=True)
class Shown:
    """What one message shows: its Markdown, and the line that a notification quotes."""

    markdown: str
    notification: str


class Screen(Protocol):
    """Where replies appear. RateLimitedError and UnreachableError are worth another try."""

    async def post(self, thread: ThreadKey, shown: Shown, key: str) -> str:
        """Posts a message into the thread and gives its ts; `key` can find it again."""

    async def edit(self, thread: ThreadKey, ts: str, shown: Shown) -> None: ...

    async def find(self, thread: ThreadKey, key: str) -> str | None:
        """The ts of the message that was posted with this key, if it was."""


@dataclass(slots=True)
class Place:
    """Where one reply stands: the messages it has so far, told to `record` as they come."""

    thread: ThreadKey
    key: str
    record: Callable[[tuple[str, ...]], Awaitable[None]]
    messages: tuple[str, ...] = ()
    resumed: bool = False
    """An earlier run may have posted a message that it did not come to record."""


class Replies:
    """All the replies being written in one workspace."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._gate = Gate()

    async def stream(self, deltas: AsyncIterator[Delta], place: Place) -> Draft:
        """Shows an answer as it comes; returns it when its end stands in Slack.

        Raises DeliveryError where Slack will not show it at all.
        """
        reply = Reply(self._screen, self._gate, place)
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(reply.write())
                await reply.read(deltas)
        except* DeliveryError as group:
            raise group.exceptions[0] from None
        return reply.draft


class Reply:
    def __init__(self, screen: Screen, gate: Gate, place: Place) -> None:
        self.draft = Draft()
        self._screen = screen
        self._gate = gate
        self._place = place
        self._note = ""
        self._ended = False
        self._changed = asyncio.Event()
        self._showing: dict[int, str] = {}
        self._since = asyncio.get_running_loop().time()
        self._claim: Claim | None = None
        self._failures = 0
        self._unsure = place.resumed

    async def read(self, deltas: AsyncIterator[Delta]) -> None:
        """Folds the deltas into the draft, as fast as they come."""
        try:
            async for delta in deltas:
                self.draft.add(delta)
                self._changed.set()
            self._note = _note(self.draft)
        except SlackbotError as err:
            self._note = err.user_message
        except Exception:  # a bug of ours must not leave the message unfinished
            logger.exception("Reading the answer failed")
            self._note = UNEXPECTED
        self._ended = True
        self._changed.set()
        if self._claim is not None:
            self._gate.promote(self._claim)

    async def write(self) -> None:
        """Shows the draft until its end is shown."""
        entered = self._gate.enter()
        try:
            while True:
                self._changed.clear()
                wanted = self._wanted()
                number = self._first_difference(wanted)
                if number is not None:
                    await self._show(number, last=number == len(wanted) - 1)
                elif self._ended:
                    return
                else:
                    await self._changed.wait()
        finally:
            self._gate.leave(entered)

    def _wanted(self) -> list[str]:
        """What each message of the reply should show now."""
        text = self.draft.text
        if self._ended:
            noted = f"{preview(text).rstrip()}\n\n⚠️ _{self._note}_".strip() if self._note else text
            return pages(noted)
        *closed, growing = pages(text) or [""]
        return [*closed, preview(growing)]

    def _first_difference(self, wanted: list[str]) -> int | None:
        for number, page in enumerate(wanted):
            if page.strip() and self._showing.get(number) != page:
                return number
        return None

    async def _show(self, number: int, *, last: bool) -> None:
        """Waits for a call's turn and makes it, with what the message should show by then."""
        claim = self._claim = self._claim_for(number, last=last)
        await self._gate.admit(claim)
        self._claim = None
        page = "".join(self._wanted()[number : number + 1])
        if not page.strip():  # a lone marker at the end, which the finished text is without
            return
        try:
            await self._call(number, Shown(harmless(page), notification(page)))
        except RateLimitedError as err:
            self._gate.refuse(claim, err.retry_after)
        except UnreachableError as err:
            self._unsure = err.sent
            self._failures += 1
            await asyncio.sleep(min(2.0 ** (self._failures - 2), LONGEST_PAUSE))
        else:
            self._failures = 0
            self._showing[number] = page
            self._since = asyncio.get_running_loop().time()

    def _claim_for(self, number: int, *, last: bool) -> Claim:
        posted = number < len(self._place.messages)
        priority = Priority.INTERIM if posted and last else Priority.FIRST
        return Claim(
            "chat.update" if posted else "chat.postMessage",
            self._place.thread.channel,
            Priority.ENDING if self._ended else priority,
            self._since,
        )

    async def _call(self, number: int, shown: Shown) -> None:
        place = self._place
        if number < len(place.messages):
            await self._screen.edit(place.thread, place.messages[number], shown)
            return
        key = f"{place.key}/{number}"
        ts = await self._screen.find(place.thread, key) if self._unsure else None
        if ts is None:
            ts = await self._screen.post(place.thread, shown, key)
        else:
            await self._screen.edit(place.thread, ts, shown)
        self._unsure = False
        place.messages = (*place.messages, ts)
        await place.record(place.messages)


def _note(draft: Draft) -> str:
    """The sentence that an answer ends with where it did not simply end."""
    if draft.answer is None:
        return EMPTY
    return NOTES.get(draft.ending, "")
