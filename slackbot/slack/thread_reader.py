"""Reads threads: as little of them as answers the question, as Slack limits how often that is."""

import asyncio
from collections.abc import Mapping, Sequence
from functools import partial
from math import ceil, sqrt
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from slackbot.conversation.ids import Ts
from slackbot.conversation.messages import Message, ThreadKey
from slackbot.conversation.post_intent import PostIntent
from slackbot.delivery.reply_transport import FoundMessage
from slackbot.errors import RateLimitedError, UnreachableError
from slackbot.slack.conversation_pages import (
    ConversationPages,
    MessagePage,
    PageCursor,
    ReadPage,
    read_pages,
)
from slackbot.slack.events import message_from
from slackbot.slack.identity import Identity
from slackbot.slack.json_fields import number_in, ts_in
from slackbot.slack.post_recognition import holds, posted_messages

MAX_WINDOWS = 6
"""How many stretches of time are tried for the newest messages of a long thread."""

MAX_WINDOWS_AROUND = 3
"""The same for the messages before one that a link leads to: each takes two pages at most, and a
question may have many links.
"""

WINDOW_MARGIN = 1.25
"""By how much the first of them is longer than the mean of the thread demands."""

ENOUGH = 0.75
"""The part of the wanted messages with which no other stretch is tried."""

MAX_PAGES = 2
"""How many pages of messages are wanted where pages are small."""

MAX_REPLIES = 10**6
"""A thread that claims to have more counts as one with so many."""

WINDOWS_SECONDS = 10.0
"""How long that may take: an app outside the Marketplace has one call a minute."""


class ThreadReader:
    """Every method raises SlackError.

    conversations.replies gives a thread's first message, then those between `oldest` and `latest`,
    oldest first: https://docs.slack.dev/reference/methods/conversations.replies
    """

    def __init__(self, client: AsyncWebClient, me: Identity) -> None:
        self._pages = ConversationPages(client)
        self._me = me

    async def find(self, thread: ThreadKey, intent: PostIntent) -> list[FoundMessage]:
        """Returns the message that a recorded call may have posted, with the later ones of its
        reply, oldest first. Reads on until it has found that message.
        """
        return await self._find(intent, partial(self._pages.replies, thread))

    async def find_in_channel(self, thread: ThreadKey, intent: PostIntent) -> list[FoundMessage]:
        """Does the same in the thread's channel, where Slack posts what is for a deleted thread."""
        return await self._find(intent, partial(self._pages.posts, thread.channel))

    async def newest(
        self, thread: ThreadKey, *, before: Ts, most: int, max_windows: int = MAX_WINDOWS
    ) -> list[Message]:
        """Returns the thread's first message and the newest ones before the ts `before`, at most
        `most` together, oldest first.

        Of a long thread it may be fewer, rarely less than three quarters of `most`. Where Slack
        gives no more than one page in time, it is the beginning of the thread.
        """
        page = await self._pages.replies(thread, None, latest=before)
        entries = page.entries
        if entries and page.cursor is not None:
            entries = await self._newest_entries(thread, before, most, page, max_windows)
        found = [each for each in await self._messages(thread, entries) if each.ts < before]
        return found if len(found) <= most else [found[0], *found[1 - most :]]

    async def around(self, thread: ThreadKey, ts: Ts, *, most: int) -> list[Message]:
        """Returns the messages of a thread before and after one of them, `most` on either side.

        Reads eight pages at most, or eleven where Slack's pages are small.
        """
        before: list[Message] = []
        if ts != thread.ts:
            before = await self.newest(thread, before=ts, most=most, max_windows=MAX_WINDOWS_AROUND)
        page = await self._pages.replies(thread, None, oldest=ts, inclusive=True)
        later = [each for each in await self._messages(thread, page.entries) if each.ts >= ts]
        return [*before, *later[: most + 1]]

    async def _find(self, intent: PostIntent, read_page: ReadPage) -> list[FoundMessage]:
        found: list[FoundMessage] = []
        cursor = PageCursor()
        while True:
            page = await read_page(cursor.value, oldest=intent.since, include_all_metadata=True)
            found += posted_messages(page.entries, intent, self._me)
            if holds(found, intent.number) or not cursor.advance(page.cursor):
                return sorted(found, key=lambda each: each.ts)

    async def _newest_entries(
        self, thread: ThreadKey, before: Ts, most: int, start: MessagePage, max_windows: int
    ) -> Sequence[Mapping[str, Any]]:
        """Looks for the stretch of time before `before` that holds about `most` messages.

        `start` is the beginning of the thread: without a better page, it is what is known. Slack's
        pages are smaller for some apps, which get fewer messages then.
        """
        first, size = start.entries[0], len(start.entries)
        most = min(most, MAX_PAGES * size)
        end = min(float(before), float(ts_in(first, "latest_reply") or before))
        short, long = 0.0, end - float(thread.ts)
        replies = max(number_in(first, "reply_count", most=MAX_REPLIES), 1)
        span = long * min(1.0, WINDOW_MARGIN * most / replies)
        best = start.entries
        try:
            async with asyncio.timeout(WINDOWS_SECONDS):
                for _ in range(max_windows):
                    window = partial(
                        self._pages.replies, thread, oldest=f"{end - span:.6f}", latest=before
                    )
                    entries, is_whole = await read_pages(window, ceil(most / size) + 1)
                    if not entries:
                        break
                    if not is_whole:
                        long, guess = span, WINDOW_MARGIN * most * _pace(entries[-(size // 2) :])
                    elif len(entries) > ENOUGH * most or span >= long:
                        return entries
                    else:
                        best, short, guess = entries, span, 0.0
                    span = (
                        guess
                        if short < guess < long
                        else (sqrt(short * long) if short else long / 8)
                    )
        except (TimeoutError, RateLimitedError, UnreachableError):
            pass  # what was read so far is enough
        return best

    async def _messages(
        self, thread: ThreadKey, entries: Sequence[Mapping[str, Any]]
    ) -> list[Message]:
        """Each once: Slack may repeat the first one on every page."""
        found: dict[Ts, Message] = {}
        for entry in entries:
            message = message_from({**entry, "channel": thread.channel}, self._me)
            if message is not None:
                found[message.ts] = message
            await asyncio.sleep(0)  # the blocks of a long answer take some milliseconds to read
        return [*found.values()]


def _pace(entries: Sequence[Mapping[str, Any]]) -> float:
    """The mean seconds between two messages."""
    return (float(entries[-1]["ts"]) - float(entries[0]["ts"])) / len(entries)
