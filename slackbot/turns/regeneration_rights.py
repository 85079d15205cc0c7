"""Decides who can have an answer written again: Regenerate, and Try again after a failure.

The new answer is made for the person who asked, with that person's rights, and everybody in the
channel reads it. So only people who belong there can start it.
"""

import asyncio
import logging
from typing import Protocol

from slackbot.conversation.controls import Press
from slackbot.conversation.ids import ChannelId, UserId
from slackbot.conversation.roles import Role
from slackbot.errors import SlackError
from slackbot.turns import texts
from slackbot.turns.role_directory import RoleDirectory

logger = logging.getLogger(__name__)

CHECK_SECONDS = 3.0
"""How long a press waits for what Slack says about the person: what comes after it in the thread,
such as a press of Stop, waits as well.
"""


class ChannelMembers(Protocol):
    async def is_member(self, user: UserId, channel: ChannelId) -> bool:
        """Returns whether a person is in a channel. Raises SlackError if Slack does not say."""


class RegenerationRights:
    def __init__(self, roles: RoleDirectory, channels: ChannelMembers) -> None:
        self._roles = roles
        self._channels = channels

    async def refusal(self, press: Press, asker: UserId) -> str:
        """Returns why a person can't have the answer written again, or an empty string.

        `asker` is the person who is answered; empty if that is not known. Where Slack does not say
        who somebody is, they can't.
        """
        if press.user == asker:
            return ""
        try:
            async with asyncio.timeout(CHECK_SECONDS):
                return await self._refusal(press.user, press.thread.channel)
        except (SlackError, TimeoutError) as err:
            logger.warning("Slack does not say who pressed a button: %s", err)
            return texts.CANT_CHECK

    async def _refusal(self, user: UserId, channel: ChannelId) -> str:
        """Admins can, and members of the workspace who are in the channel. Guests and people of
        other organisations can't.
        """
        role = await self._roles.role_now(user)
        if role is None:
            return texts.CANT_CHECK
        is_member = role >= Role.MEMBER
        if role >= Role.ADMIN or (is_member and await self._channels.is_member(user, channel)):
            return ""
        return texts.ONLY_MEMBERS
