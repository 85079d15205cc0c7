"""Who can change instructions. Pure."""

from collections.abc import Collection

from slackbot.conversation.ids import UserId
from slackbot.conversation.roles import Member, Role, is_admin
from slackbot.instructions.scopes import Scope


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
    if member.role < Role.MEMBER:
        return False
    if is_admin(member, admins=admins):
        return True
    if scope.thread:
        return member.user == starter
    return bool(scope.channel) and member.user in allowed
