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
        return _page(await ask("conversations.replies", page), cursor)

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
        return _page(await ask("conversations.history", page), cursor)


async def read_pages(
    read_page: ReadPage, max_pages: float
) -> tuple[Sequence[Mapping[str, Any]], bool]:
    """Returns the messages of at most `max_pages` pages, and whether those are all pages."""
    entries: list[Mapping[str, Any]] = []
    cursor: str | None = None
    pages = 0
    while pages < max_pages:
        page = await read_page(cursor)
        entries += page.entries
        cursor = page.cursor
        pages += 1
        if cursor is None:
            return entries, True
    return entries, False


def next_cursor(answer: AsyncSlackResponse, cursor: str | None) -> str | None:
    """Returns where the page begins that follows the one at `cursor`; None after the last one.

    A page that names itself as the next one is the last: it would be read without end.
    https://docs.slack.dev/apis/web-api/pagination
    """
    following = text_in(object_in(answer, "response_metadata"), "next_cursor")
    return following if following and following != cursor else None


def _page(answer: AsyncSlackResponse, cursor: str | None) -> MessagePage:
    entries = [each for each in objects_in(answer, "messages") if ts_in(each, "ts")]
    return MessagePage(entries, next_cursor(answer, cursor))
