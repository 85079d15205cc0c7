"""Reads from Slack's history what was not delivered, or could not be stored.

https://docs.slack.dev/reference/methods/conversations.history
https://docs.slack.dev/reference/methods/conversations.replies
"""

from functools import partial
from typing import Any

from slackbot.conversation.ids import Ts
from slackbot.conversation.messages import Message
from slackbot.slack.api_calls import ask
from slackbot.slack.client import WebClient
from slackbot.slack.events import message_from
from slackbot.slack.identity import Identity
from slackbot.turns.catch_up import Place

PAGE_SIZE = 200
"""Slack recommends to ask for no more messages at once."""


class SlackMissedMessages:
    def __init__(self, client: WebClient, me: Identity) -> None:
        self._client = client
        self._me = me

    async def since(self, place: Place, oldest: Ts) -> list[Message]:
        """Returns the messages from the ts `oldest` on, oldest first. Raises SlackError.

        The replies of a thread come with its first message, however old that is.
        """
        found = (
            message_from({**entry, "channel": place.channel}, self._me)
            for entry in await self._entries(place, oldest)
        )
        return sorted(
            (message for message in found if message is not None and message.ts >= oldest),
            key=lambda message: message.ts,
        )

    async def _entries(self, place: Place, oldest: Ts) -> list[dict[str, Any]]:
        if place.thread is None:
            method, call = "conversations.history", self._client.conversations_history
        else:
            method = "conversations.replies"
            call = partial(self._client.conversations_replies, ts=place.thread.ts)
        entries: list[dict[str, Any]] = []
        cursor: str | None = None
        while True:
            page = partial(
                call,
                channel=place.channel,
                oldest=oldest,
                inclusive=True,
                limit=PAGE_SIZE,
                cursor=cursor,
            )
            answer = await ask(method, page)
            entries += answer["messages"] or []
            cursor = (answer["response_metadata"] or {}).get("next_cursor")
            if not cursor:
                return entries
