"""The roles of people, as they decide about tools. Where Slack does not say, nobody has rights."""

import logging
from collections.abc import Awaitable, Collection
from typing import Protocol

from slackbot.conversation.ids import UserId
from slackbot.conversation.roles import Member, Role, role_of
from slackbot.errors import SlackError

logger = logging.getLogger(__name__)


class MemberDirectory(Protocol):
    """What Slack says about people. May raise SlackError."""

    def known_member(self, user: UserId) -> Member | None:
        """What it said last, within an hour."""

    async def member(self, user: UserId) -> Member:
        """What it says, or said within a minute."""

    async def member_soon(self, user: UserId) -> Member | None:
        """The same; None if it fails, or takes longer than a name is waited for."""

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
        role = self._role_of(self._members.known_member(user))
        return role if role >= needed else await self.role_for_results(user)

    async def role_for_results(self, user: UserId) -> Role:
        """The same where results of others' tools can be read, which nothing checks again.

        At most a minute old, or what is known if Slack does not say as soon as a name.
        """
        member = await self._members.member_soon(user)
        return self._role_of(member or self._members.known_member(user))

    async def role(self, user: UserId) -> Role:
        """At most a minute old; that of an outsider if Slack does not say."""
        role = await self._ask(self._members.member(user), user)
        return Role.OUTSIDER if role is None else role

    async def role_now(self, user: UserId) -> Role | None:
        """Which no earlier answer of Slack's can tell; None if Slack does not say."""
        return await self._ask(self._members.fresh_member(user), user)

    def _role_of(self, member: Member | None) -> Role:
        return Role.OUTSIDER if member is None else role_of(member, admins=self._admins)

    async def _ask(self, asking: Awaitable[Member], user: UserId) -> Role | None:
        try:
            return self._role_of(await asking)
        except SlackError as err:
            logger.warning("Slack does not say the role of %s: %s", user, err.user_message)
            return None
