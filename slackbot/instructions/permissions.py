"""Who can read and who can change instructions. Pure.

- Admins read and change everything.
- Members read the workspace's, and those of the channels that they see in Slack. They change those
  of a channel that an admin allowed them, and of a thread that they started.
- Guests, bots and people of other organisations read nothing and change nothing.
"""

from collections.abc import Collection

from slackbot.conversation.ids import UserId
from slackbot.conversation.roles import Member, Role, is_admin
from slackbot.instructions.scopes import Scope


def can_read(member: Member, scope: Scope, *, admins: Collection[UserId], sees: bool) -> bool:
    """Whether somebody can read what is set for a scope, and its history.

    `admins` are the user IDs in SLACKBOT_ADMINS. `sees` says whether Slack shows the person the
    scope's channel.
    """
    if member.role < Role.MEMBER:
        return False
    return not scope.channel or sees or is_admin(member, admins=admins)


def can_change(
    member: Member,
    scope: Scope,
    *,
    admins: Collection[UserId],
    allowed: Collection[UserId],
    starter: UserId,
    sees: bool,
) -> bool:
    """Whether somebody can change what is set for a scope: nobody changes what they can't read.

    `admins` and `sees` are as above. `allowed` are the people whom an admin allowed for the scope's
    channel, and `starter` is the person who started the scope's thread.
    """
    if not can_read(member, scope, admins=admins, sees=sees):
        return False
    if is_admin(member, admins=admins):
        return True
    if scope.thread:
        return member.user == starter
    return bool(scope.channel) and member.user in allowed
