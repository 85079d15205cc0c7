"""By which role tools are offered and used, and when Slack is asked for it."""

from collections.abc import Sequence

import pytest

from slackbot.conversation.ids import UserId
from slackbot.conversation.roles import Member, Role
from slackbot.errors import UnreachableError
from slackbot.turns.role_directory import RoleDirectory

ANA = UserId("U1")


class Slack:
    """Knows, and says, one role; None stands for its silence."""

    def __init__(self, known: Role | None, says: Role | None) -> None:
        self.asked = 0
        self._known = known
        self._says = says

    def known_member(self, user: UserId) -> Member | None:
        return None if self._known is None else Member(user, self._known)

    async def member_soon(self, user: UserId) -> Member | None:
        self.asked += 1
        return None if self._says is None else Member(user, self._says)

    async def member(self, user: UserId) -> Member:
        self.asked += 1
        if self._says is None:
            raise UnreachableError("users.info", sent=True)
        return Member(user, self._says)

    fresh_member = member


@pytest.mark.parametrize(
    ("known", "says", "needed", "offered", "asked"),
    [
        (Role.MEMBER, Role.GUEST, Role.MEMBER, Role.MEMBER, 0),
        (Role.MEMBER, Role.ADMIN, Role.GUEST, Role.MEMBER, 0),
        (Role.GUEST, Role.MEMBER, Role.MEMBER, Role.MEMBER, 1),
        (Role.MEMBER, Role.GUEST, Role.ADMIN, Role.GUEST, 1),
        (Role.GUEST, None, Role.MEMBER, Role.GUEST, 1),
        (None, Role.MEMBER, Role.MEMBER, Role.MEMBER, 1),
        (None, None, Role.MEMBER, Role.OUTSIDER, 1),
        (None, Role.OWNER, Role.OUTSIDER, Role.OUTSIDER, 0),
    ],
)
async def test_the_role_for_an_offer(
    known: Role | None, says: Role | None, needed: Role, offered: Role, asked: int
) -> None:
    """Slack is asked only where it makes a difference: no answer waits for it where all tools are
    for everybody, or where what it said last allows them all.
    """
    slack = Slack(known, says)
    assert await RoleDirectory(slack, ()).role_for_offer(ANA, needed) is offered
    assert slack.asked == asked


@pytest.mark.parametrize(
    ("says", "admins", "role"),
    [
        (Role.MEMBER, (), Role.MEMBER),
        (Role.MEMBER, (ANA,), Role.ADMIN),
        (Role.GUEST, (ANA,), Role.GUEST),
        (Role.OWNER, (ANA,), Role.OWNER),
        (None, (ANA,), Role.OUTSIDER),
    ],
)
async def test_the_role_for_a_call(says: Role | None, admins: Sequence[UserId], role: Role) -> None:
    """What Slack says counts, whatever it said before; where it says nothing, nobody has rights."""
    roles = RoleDirectory(Slack(Role.OWNER, says), admins)
    assert await roles.role(ANA) is role
    assert await roles.role_now(ANA) is (None if says is None else role)


@pytest.mark.parametrize(
    ("known", "says", "role"),
    [
        (Role.ADMIN, Role.GUEST, Role.GUEST),
        (Role.GUEST, Role.MEMBER, Role.MEMBER),
        (Role.MEMBER, None, Role.MEMBER),
        (None, None, Role.OUTSIDER),
    ],
)
async def test_the_role_for_results(known: Role | None, says: Role | None, role: Role) -> None:
    """Nothing checks again who reads the results of others' tools, so Slack is always asked: what
    was known within an hour lets somebody who was demoted read on.
    """
    slack = Slack(known, says)
    assert await RoleDirectory(slack, ()).role_for_results(ANA) is role
    assert slack.asked == 1
