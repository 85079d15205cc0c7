"""Reads from Slack's history what was not delivered, or could not be stored.

https://docs.slack.dev/reference/methods/conversations.history
https://docs.slack.dev/reference/methods/conversations.replies
"""

from functools import partial

from slackbot.conversation.ids import Ts
from slackbot.conversation.messages import Message
from slackbot.slack.client import WebClient
from slackbot.slack.conversation_pages import ConversationPages, ReadPage, read_pages
from slackbot.slack.events import message_from
from slackbot.slack.identity import Identity
from slackbot.turns.catch_up import MissedPlace


class SlackMissedMessages:
    def __init__(self, client: WebClient, me: Identity) -> None:
        self._pages = ConversationPages(client)
        self._me = me

    async def since(self, place: MissedPlace, oldest: Ts) -> list[Message]:
        """Returns the messages from the ts `oldest` on, oldest first. Raises SlackError.

        The replies of a thread come with its first message, however old that is.
        """
        if place.thread is None:
            read_page: ReadPage = partial(self._pages.posts, place.channel)
        else:
            read_page = partial(self._pages.replies, place.thread)
        entries, _ = await read_pages(partial(read_page, oldest=oldest, inclusive=True))
        found = (message_from({**entry, "channel": place.channel}, self._me) for entry in entries)
        return sorted(
            (message for message in found if message is not None and message.ts >= oldest),
            key=lambda message: message.ts,
        )
