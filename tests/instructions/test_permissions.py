"""Who can change instructions."""

import pytest

from slackbot.conversation.ids import ChannelId, TeamId, Ts, UserId
from slackbot.instructions.permissions import Member, can_change, is_admin
from slackbot.instructions.scopes import Scope

WORKSPACE, CHANNEL, THREAD = (
    Scope(TeamId("T1")),
    Scope(TeamId("T1"), ChannelId("C1")),
    Scope(TeamId("T1"), ChannelId("C1"), Ts("1.0")),
)

ADMIN, MEMBER = Member(UserId("UA"), admin=True), Member(UserId("UM"))
OUTSIDER = Member(UserId("UO"), outsider=True)


@pytest.mark.parametrize(
    ("member", "scope", "role", "expected"),
    [
        (ADMIN, WORKSPACE, "", True),
        (ADMIN, CHANNEL, "", True),
        (ADMIN, THREAD, "", True),
        (MEMBER, WORKSPACE, "", False),
        (MEMBER, CHANNEL, "", False),
        (MEMBER, THREAD, "", False),
        (MEMBER, WORKSPACE, "admin", True),
        (MEMBER, CHANNEL, "admin", True),
        (MEMBER, CHANNEL, "allowed", True),
        (MEMBER, WORKSPACE, "allowed", False),
        (MEMBER, THREAD, "allowed", False),
        (MEMBER, THREAD, "starter", True),
        (MEMBER, CHANNEL, "starter", False),
        (OUTSIDER, CHANNEL, "allowed", False),
        (OUTSIDER, CHANNEL, "admin", False),
        (OUTSIDER, THREAD, "starter", False),
    ],
)
def test_can_change(member: Member, scope: Scope, role: str, *, expected: bool) -> None:
    """Admins can change everything, allowed people their channel, starters their thread, and
    outsiders nothing.
    """
    admins = {member.user} if role == "admin" else set()
    allowed = {member.user} if role == "allowed" else set()
    starter = member.user if role == "starter" else "someone else"
    result = can_change(member, scope, admins=admins, allowed=allowed, starter=UserId(starter))
    assert result == expected


def test_is_admin() -> None:
    """Admins of the workspace and people in SLACKBOT_ADMINS count, unless they are outsiders."""
    assert is_admin(ADMIN, admins=())
    assert is_admin(MEMBER, admins={UserId("UM")})
    assert not is_admin(MEMBER, admins=())
    assert not is_admin(OUTSIDER, admins={UserId("UO")})
