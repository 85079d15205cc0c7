"""Posts a note to a channel that is no reply, such as that its instructions have changed."""

import uuid
from collections.abc import Mapping
from typing import Any

from slackbot.conversation.ids import ChannelId
from slackbot.errors import DeliveryError
from slackbot.slack.api_calls import call, passing, retrying
from slackbot.slack.client import WebClient
from slackbot.slack.conversation_pages import ConversationPages
from slackbot.slack.reply_metadata import NOTE_EVENT_TYPE


class ChannelNotes:
    def __init__(self, client: WebClient) -> None:
        self._client = client
        self._pages = ConversationPages(client)

    async def post(self, channel: ChannelId, text: str) -> None:
        """Posts a note, once: what an attempt without an answer has posted is found again.

        Raises SlackError.
        """
        metadata = {"event_type": NOTE_EVENT_TYPE, "event_payload": {"id": uuid.uuid4().hex}}
        attempts = 0

        async def attempt() -> None:
            nonlocal attempts
            attempts += 1
            if attempts == 1 or not await self._is_there(channel, metadata):
                await call(
                    "chat.postMessage",
                    self._client.chat_postMessage(
                        channel=channel, text=text, metadata=metadata, unfurl_links=False
                    ),
                )

        await retrying(passing, attempt)

    async def _is_there(self, channel: ChannelId, metadata: Mapping[str, Any]) -> bool:
        """Whether the note is among the newest messages; False where the bot can't read them."""
        try:
            page = await self._pages.posts(channel, None, include_all_metadata=True)
        except DeliveryError:
            return False
        return any(entry.get("metadata") == metadata for entry in page.entries)
