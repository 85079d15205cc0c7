"""Reads the messages of threads and channels page by page."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from slackbot.conversation.ids import ChannelId
from slackbot.conversation.messages import ThreadKey
from slackbot.slack.api_calls import ask
from slackbot.slack.json_fields import object_in, objects_in, text_in, ts_in

PAGE_SIZE = 200
"""Slack recommends to ask for no more messages at once."""


class MessagePage(NamedTuple):
    """Some messages, as Slack gives them but each with a ts, and where the next page begins."""

    entries: Sequence[Mapping[str, Any]]
    cursor: str | None


ReadPage = Callable[..., Awaitable[MessagePage]]

MAX_PAGES = 500
"""How many pages of one list are read: 100,000 messages."""


class PageCursor:
    """Goes from page to page of a list; a list whose pages name each other in a circle ends."""

    def __init__(self, max_pages: float = MAX_PAGES) -> None:
        self.value: str | None = None
        """Where the current page begins; None for the first."""
        self._left = max_pages
        self._seen: set[str] = set()

    def advance(self, following: str | None) -> bool:
        """Goes to the page that follows. False after the last one, or if enough were read."""
        self._left -= 1
        if not following or following in self._seen or self._left <= 0:
            return False
        self._seen.add(following)
        self.value = following
        return True


class ConversationPages:
    """Every method raises SlackError. `cursor` is that of the page before, None for the first."""

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client

    async def replies(self, thread: ThreadKey, cursor: str | None, **arguments: Any) -> MessagePage:
        """Messages of a thread, oldest first.

        https://docs.slack.dev/reference/methods/conversations.replies
        """
        page = partial(
            self._client.conversations_replies,
            channel=thread.channel,
            ts=thread.ts,
            limit=PAGE_SIZE,
            cursor=cursor,
            **arguments,
        )
        return _page(await ask("conversations.replies", page))

    async def posts(self, channel: ChannelId, cursor: str | None, **arguments: Any) -> MessagePage:
        """Messages at the top level of a channel, newest first.

        https://docs.slack.dev/reference/methods/conversations.history
        """
        page = partial(
            self._client.conversations_history,
            channel=channel,
            limit=PAGE_SIZE,
            cursor=cursor,
            **arguments,
        )
        return _page(await ask("conversations.history", page))


async def read_pages(
    read_page: ReadPage, max_pages: float = MAX_PAGES
) -> tuple[Sequence[Mapping[str, Any]], bool]:
    """Returns the messages of at most `max_pages` pages, and whether those are all pages."""
    entries: list[Mapping[str, Any]] = []
    cursor = PageCursor(max_pages)
    while True:
        page = await read_page(cursor.value)
        entries += page.entries
        if not cursor.advance(page.cursor):
            return entries, page.cursor is None


def next_cursor(answer: AsyncSlackResponse) -> str | None:
    """Returns where the page begins that follows; None after the last one.

    https://docs.slack.dev/apis/web-api/pagination
    """
    return text_in(object_in(answer, "response_metadata"), "next_cursor") or None


def _page(answer: AsyncSlackResponse) -> MessagePage:
    entries = [each for each in objects_in(answer, "messages") if ts_in(each, "ts")]
    return MessagePage(entries, next_cursor(answer))
