"""Who can change instructions."""

import pytest

from slackbot.conversation.ids import ChannelId, TeamId, Ts, UserId
from slackbot.conversation.roles import Member, Role
from slackbot.instructions.permissions import can_change
from slackbot.instructions.scopes import Scope

WORKSPACE, CHANNEL, THREAD = (
    Scope(TeamId("T1")),
    Scope(TeamId("T1"), ChannelId("C1")),
    Scope(TeamId("T1"), ChannelId("C1"), Ts("1.0")),
)

ADMIN, MEMBER = Member(UserId("UA"), Role.ADMIN), Member(UserId("UM"))
OUTSIDER = Member(UserId("UO"), Role.GUEST)


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
