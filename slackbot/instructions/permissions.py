"""Who can change instructions. Pure."""

from collections.abc import Collection
from dataclasses import dataclass

from slackbot.conversation.ids import UserId
from slackbot.instructions.scopes import Scope


@dataclass(frozen=True, slots=True)
class Member:
    """A person, as Slack describes them: https://docs.slack.dev/reference/objects/user-object"""

    user: UserId
    admin: bool = False
    """An admin or owner of the workspace."""
    outsider: bool = False
    """A guest, a bot, or somebody from another organisation."""


def can_change(
    member: Member,
    scope: Scope,
    *,
    admins: Collection[UserId],
    allowed: Collection[UserId],
    starter: UserId,
) -> bool:
    """Whether somebody can change what is set for a scope.

    `admins` are the user IDs in SLACKBOT_ADMINS, `allowed` those that an admin allowed for the
    scope's channel, and `starter` is the person who started the scope's thread.
    """
    if member.outsider:
        return False
    if is_admin(member, admins=admins):
        return True
    if scope.thread:
        return member.user == starter
    return bool(scope.channel) and member.user in allowed


def is_admin(member: Member, *, admins: Collection[UserId]) -> bool:
    """Whether somebody can change everything, and allow others to change a channel."""
    return not member.outsider and (member.admin or member.user in admins)
