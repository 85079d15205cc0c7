"""Who a person is in the workspace, as far as it decides what they may do. Pure."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import IntEnum
from typing import Literal, get_args

from slackbot.conversation.ids import UserId


class Role(IntEnum):
    """From the least to the most rights: `role >= Role.MEMBER`.

    https://slack.com/help/articles/360018112273-Types-of-roles-in-Slack
    """

    OUTSIDER = 0
    """Somebody from another organisation, a bot, or somebody whose account is deactivated."""
    GUEST = 1
    """A guest with one or several channels."""
    MEMBER = 2
    ADMIN = 3
    OWNER = 4


RoleName = Literal["outsider", "guest", "member", "admin", "owner"]
"""A role as the authors of tools write it."""


def role_named(name: RoleName) -> Role:
    """Raises ValueError for a name that no role has."""
    if name not in get_args(RoleName):
        raise ValueError(f"{name!r} is no role; the roles are {', '.join(get_args(RoleName))}")
    return Role[name.upper()]


@dataclass(frozen=True, slots=True)
class Member:
    """A person and their role, as Slack says: https://docs.slack.dev/reference/objects/user-object"""

    user: UserId
    role: Role = Role.MEMBER


def role_of(member: Member, *, admins: Collection[UserId]) -> Role:
    """The role that counts: members whose user IDs are in `admins` (SLACKBOT_ADMINS) are admins."""
    named = member.role is Role.MEMBER and member.user in admins
    return Role.ADMIN if named else member.role


def is_admin(member: Member, *, admins: Collection[UserId]) -> bool:
    """Whether somebody can change everything, and allow others to change a channel."""
    return role_of(member, admins=admins) >= Role.ADMIN
