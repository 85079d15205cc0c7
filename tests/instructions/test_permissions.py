"""Who can read and who can change instructions."""

from collections.abc import Set as AbstractSet

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slackbot.conversation.ids import ChannelId, TeamId, Ts, UserId
from slackbot.conversation.roles import Member, Role
from slackbot.instructions.permissions import can_change, can_read
from slackbot.instructions.scopes import Scope

WORKSPACE, CHANNEL, THREAD = (
    Scope(TeamId("T1")),
    Scope(TeamId("T1"), ChannelId("C1")),
    Scope(TeamId("T1"), ChannelId("C1"), Ts("1.0")),
)

ADMIN, MEMBER = Member(UserId("UA"), Role.ADMIN), Member(UserId("UM"))
OUTSIDER = Member(UserId("UO"), Role.GUEST)

users = st.sampled_from([UserId("U1"), UserId("U2"), UserId("U3")])
members = st.builds(Member, users, st.sampled_from(Role))
scopes = st.sampled_from([WORKSPACE, CHANNEL, THREAD])
groups = st.frozensets(users)


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
    starter = member.user if role == "starter" else UserId("someone else")
    result = can_change(
        member, scope, admins=admins, allowed=allowed, starter=starter, sees=scope.channel != ""
    )
    assert result == expected


@pytest.mark.parametrize(
    ("role", "scope", "sees", "expected"),
    [
        (Role.MEMBER, WORKSPACE, False, True),
        (Role.MEMBER, CHANNEL, True, True),
        (Role.MEMBER, CHANNEL, False, False),
        (Role.MEMBER, THREAD, True, True),
        (Role.MEMBER, THREAD, False, False),
        (Role.ADMIN, CHANNEL, False, True),
        (Role.OWNER, THREAD, False, True),
        (Role.GUEST, WORKSPACE, True, False),
        (Role.GUEST, CHANNEL, True, False),
        (Role.OUTSIDER, WORKSPACE, True, False),
        (Role.OUTSIDER, THREAD, True, False),
    ],
)
def test_can_read(role: Role, scope: Scope, *, sees: bool, expected: bool) -> None:
    """Members read the workspace's instructions and those of channels that they see, admins all."""
    assert can_read(Member(UserId("U1"), role), scope, admins=(), sees=sees) == expected


@given(members, scopes, groups, groups, users, st.booleans())
def test_nobody_changes_what_they_can_not_read(
    member: Member,
    scope: Scope,
    admins: AbstractSet[UserId],
    allowed: AbstractSet[UserId],
    starter: UserId,
    sees: bool,  # noqa: FBT001 - drawn
) -> None:
    """Whatever rights somebody has been given, people below a member have none, and seeing a
    channel takes none away.
    """
    rights = {"admins": admins, "allowed": allowed, "starter": starter}
    changes = can_change(member, scope, **rights, sees=sees)  # type: ignore[arg-type]
    reads = can_read(member, scope, admins=admins, sees=sees)
    assert reads or not changes
    assert member.role >= Role.MEMBER or not reads
    assert can_read(member, scope, admins=admins, sees=True) or not reads
    assert member.role < Role.ADMIN or (reads and changes)
