"""Who may change the instructions. Pure."""

from collections.abc import Collection
from dataclasses import dataclass

from slackbot.instructions.scopes import Scope


@dataclass(frozen=True, slots=True)
class Member:
    """What Slack says of a person; https://docs.slack.dev/reference/objects/user-object"""

    user: str
    admin: bool = False
    """An admin or an owner of the workspace."""
    outsider: bool = False
    """A guest, a bot, or somebody of another organisation."""


def may_change(
    member: Member, scope: Scope, *, admins: Collection[str], allowed: Collection[str], starter: str
) -> bool:
    """`admins` have been named for the workspace, `allowed` for the scope's channel; `starter` has
    begun the scope's thread.
    """
    if member.outsider:
        return False
    if may_appoint(member, admins=admins):
        return True
    if scope.thread:
        return member.user == starter
    return bool(scope.channel) and member.user in allowed


def may_appoint(member: Member, *, admins: Collection[str]) -> bool:
    """Whether somebody may do all there is, and say who else may change a channel's setup."""
    return not member.outsider and (member.admin or member.user in admins)
