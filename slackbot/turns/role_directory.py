"""The roles of people, as they decide about tools. Where Slack does not say, nobody has rights."""

import asyncio
import logging
from collections.abc import Awaitable, Collection
from typing import Protocol

from slackbot.conversation.ids import UserId
from slackbot.conversation.roles import Member, Role, role_of
from slackbot.errors import SlackError

logger = logging.getLogger(__name__)

OFFER_TIMEOUT_SECONDS = 1.0
"""How long an answer waits for a role: as long as for a name."""


class MemberDirectory(Protocol):
    """What Slack says about people. May raise SlackError."""

    def known_member(self, user: UserId) -> Member | None:
        """What it said last, within an hour."""

    async def member(self, user: UserId) -> Member:
        """What it says, or said within a minute."""

    async def fresh_member(self, user: UserId) -> Member:
        """What it says now."""


class RoleDirectory:
    def __init__(self, members: MemberDirectory, admins: Collection[UserId]) -> None:
        """`admins` are the user IDs of members who count as admins."""
        self._members = members
        self._admins = admins

    async def role_for_offer(self, user: UserId, needed: Role) -> Role:
        """The role by which tools are offered to somebody; it is checked again before one runs.

        An answer does not wait for Slack if what is known allows `needed`, or for long.
        """
        known = self._members.known_member(user)
        role = Role.OUTSIDER if known is None else role_of(known, admins=self._admins)
        if role >= needed:
            return role
        try:
            async with asyncio.timeout(OFFER_TIMEOUT_SECONDS):
                return await self.role(user)
        except TimeoutError:
            return role

    async def role(self, user: UserId) -> Role:
        """At most a minute old; that of an outsider if Slack does not say."""
        role = await self._ask(self._members.member(user), user)
        return Role.OUTSIDER if role is None else role

    async def role_now(self, user: UserId) -> Role | None:
        """Which no earlier answer of Slack's can tell; None if Slack does not say."""
        return await self._ask(self._members.fresh_member(user), user)

    async def _ask(self, asking: Awaitable[Member], user: UserId) -> Role | None:
        try:
            return role_of(await asking, admins=self._admins)
        except SlackError as err:
            logger.warning("Slack does not say the role of %s: %s", user, err.user_message)
            return None
