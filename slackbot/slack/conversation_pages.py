"""Reads the messages of threads and channels page by page."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from slackbot.conversation.ids import ChannelId
from slackbot.conversation.messages import ThreadKey
from slackbot.slack.api_calls import ask

PAGE_SIZE = 200
"""Slack recommends to ask for no more messages at once."""


class MessagePage(NamedTuple):
    """Some messages, as Slack gives them, and where the next page begins."""

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


def _page(answer: AsyncSlackResponse) -> MessagePage:
    cursor = (answer["response_metadata"] or {}).get("next_cursor")
    entries = [each for each in answer["messages"] if isinstance(each, dict) and each.get("ts")]
    return MessagePage(entries, cursor or None)
