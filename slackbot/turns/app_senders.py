"""Tells people who post through an app from bots, and keeps two bots from an endless talk.

A program that posts with a person's token can't be told from that person. So it is answered as the
person is, but not for ever: after many messages in a row in one thread, somebody has to write there
by hand.
"""

import logging
from dataclasses import replace
from typing import Protocol

from cachetools import LRUCache

from slackbot.conversation.ids import UserId
from slackbot.conversation.messages import Message, ThreadKey
from slackbot.delivery.ephemeral import EphemeralMessages
from slackbot.errors import SlackError
from slackbot.turns import texts

logger = logging.getLogger(__name__)

MAX_MESSAGES_IN_A_ROW = 50
"""How many messages of a thread are answered that came through apps, without one by hand."""

MAX_THREADS = 1_000
"""How many threads are counted at once."""


class UserKinds(Protocol):
    async def is_bot(self, user: UserId) -> bool:
        """Returns whether a user is an app's. Raises SlackError if Slack does not say."""


class AppSenders:
    def __init__(self, users: UserKinds, ephemeral: EphemeralMessages) -> None:
        self._users = users
        self._ephemeral = ephemeral
        self._in_a_row: LRUCache[ThreadKey, int] = LRUCache(MAX_THREADS)

    async def identify(self, message: Message) -> Message:
        """Returns the message with its author as a person or a bot.

        A sender that Slack says nothing about counts as a bot. In case it is a person, it is told.
        """
        if message.author != "app":
            return message
        try:
            is_bot = await self._users.is_bot(message.user)
        except SlackError as err:
            logger.warning(
                "Slack does not say whether %s is a bot: %s", message.user, err.user_message
            )
            self._ephemeral.answer(message, texts.UNKNOWN_SENDER)
            is_bot = True
        return replace(message, author="bot" if is_bot else "person")

    def is_endless(self, message: Message, *, through_app: bool) -> bool:
        """Counts a person's new message. True if it must not be answered, as too many came through
        apps in a row.
        """
        if not through_app:
            self._in_a_row.pop(message.thread, None)
            return False
        count = self._in_a_row[message.thread] = self._in_a_row.get(message.thread, 0) + 1
        if count == MAX_MESSAGES_IN_A_ROW + 1:
            logger.warning("Messages through apps in %s go on and on", message.thread.channel)
            self._ephemeral.answer(message, texts.TOO_MANY_THROUGH_APPS)
        return count > MAX_MESSAGES_IN_A_ROW
