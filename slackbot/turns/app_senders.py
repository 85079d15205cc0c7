"""Tells people who post through an app from bots, and keeps two bots from an endless talk.

A program that posts with a person's token can't be told from that person. So it is answered as the
person is, but not for ever: after many messages in a row in one thread, or of one person in one
channel without an hour's pause, somebody has to write there by hand. Nor does it give commands: an
app that may post for an admin may not set what the bot does.
"""

import logging
from dataclasses import replace
from typing import Protocol

from cachetools import TTLCache

from slackbot.conversation.ids import ChannelId, UserId
from slackbot.conversation.messages import Message, ThreadKey
from slackbot.delivery.ephemeral import EphemeralMessages
from slackbot.errors import SlackError
from slackbot.turns import texts

logger = logging.getLogger(__name__)

MAX_MESSAGES_IN_A_ROW = 50
"""How many messages are answered that came through apps, without one by hand."""

PAUSE_SECONDS = 3600.0
"""After such a pause they are no longer in a row."""

MAX_COUNTED = 2_000
"""How many threads, and people in channels, are counted at once."""


class UserKinds(Protocol):
    async def is_bot(self, user: UserId) -> bool:
        """Returns whether a user is an app's. Raises SlackError if Slack does not say."""


class AppSenders:
    def __init__(self, users: UserKinds, ephemeral: EphemeralMessages) -> None:
        self._users = users
        self._ephemeral = ephemeral
        self._in_a_row: TTLCache[ThreadKey | tuple[ChannelId, UserId], int] = TTLCache(
            MAX_COUNTED, PAUSE_SECONDS
        )
        """By thread, and by person: a program may begin a thread with each message."""

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
        if is_bot:
            return replace(message, author="bot")
        return replace(message, author="person", sender_name="")

    def is_endless(self, message: Message, *, through_app: bool) -> bool:
        """Counts a person's new message. True if it must not be answered, as too many came through
        apps in a row.
        """
        rows = message.thread, (message.thread.channel, message.user)
        if not through_app:
            for row in rows:
                self._in_a_row.pop(row, None)
            return False
        for row in rows:
            self._in_a_row[row] = self._in_a_row.get(row, 0) + 1
        count = max(self._in_a_row[row] for row in rows)
        if count == MAX_MESSAGES_IN_A_ROW + 1:
            logger.warning("Messages through apps in %s go on and on", message.thread.channel)
            self._ephemeral.answer(message, texts.TOO_MANY_THROUGH_APPS)
        return count > MAX_MESSAGES_IN_A_ROW
