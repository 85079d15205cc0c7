"""Who a person is in the workspace."""

from typing import get_args

import pytest

from slackbot.conversation.ids import UserId
from slackbot.conversation.roles import Member, Role, RoleName, is_admin, role_named, role_of


@pytest.mark.parametrize("role", Role)
def test_members_named_in_the_settings_are_admins(role: Role) -> None:
    """SLACKBOT_ADMINS makes a member an admin, and changes no other role."""
    member = Member(UserId("U1"), role)
    assert role_of(member, admins=()) is role
    named = role_of(member, admins={UserId("U1")})
    assert named is (Role.ADMIN if role is Role.MEMBER else role)


def test_is_admin() -> None:
    """Admins and owners of the workspace count, and the members who are named."""
    roles = [role for role in Role if is_admin(Member(UserId("U1"), role), admins={UserId("U1")})]
    assert roles == [Role.MEMBER, Role.ADMIN, Role.OWNER]


def test_names_of_roles() -> None:
    """Authors of tools write roles by their names. A wrong one is told, with those there are."""
    assert [role_named(name) for name in get_args(RoleName)] == [*Role]
    with pytest.raises(ValueError, match="'boss' is no role; the roles are outsider, guest, mem"):
        role_named("boss")  # type: ignore[arg-type]
