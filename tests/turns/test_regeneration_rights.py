"""Who can have an answer written again, on a virtual clock."""

import asyncio
from dataclasses import dataclass

import pytest

from benchmarks.virtual_clock import run
from slackbot.conversation.controls import Press
from slackbot.conversation.ids import ChannelId, TeamId, Ts, UserId
from slackbot.conversation.messages import ThreadKey
from slackbot.conversation.roles import Member, Role
from slackbot.errors import UnreachableError
from slackbot.turns.regeneration_rights import CHECK_SECONDS, RegenerationRights
from slackbot.turns.role_directory import RoleDirectory
from slackbot.turns.texts import CANT_CHECK, ONLY_MEMBERS

THREAD = ThreadKey(TeamId("T1"), ChannelId("C1"), Ts("1.0"))
ASKER, OTHER = UserId("U1"), UserId("U2")


@dataclass
class Slack:
    """What Slack says about everybody."""

    role: Role = Role.MEMBER
    is_in: bool = True
    seconds: float = 0.0
    fails: bool = False

    def known_member(self, user: UserId) -> Member:
        """Everybody was an owner."""
        return Member(user, Role.OWNER)

    async def member(self, user: UserId) -> Member:
        return Member(user, Role.OWNER)

    member_soon = member

    async def fresh_member(self, user: UserId) -> Member:
        return Member(user, self.role)

    async def is_member(self, user: UserId, channel: ChannelId) -> bool:
        assert (channel, user) == (THREAD.channel, OTHER)
        await asyncio.sleep(self.seconds)
        if self.fails:
            raise UnreachableError("conversations.members", sent=True)
        return self.is_in


def refusal(slack: Slack, user: UserId = OTHER, admins: tuple[UserId, ...] = ()) -> str:
    async def ask() -> str:
        rights = RegenerationRights(RoleDirectory(slack, admins), slack)
        return await rights.refusal(Press(THREAD, Ts("2.0"), user, "again"), ASKER)

    return run(ask())


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("is_in", [True, False])
def test_each_role(role: Role, *, is_in: bool) -> None:
    """Admins can, and members who are in the channel. Guests and outsiders can't."""
    may = role >= Role.ADMIN or (role is Role.MEMBER and is_in)
    assert refusal(Slack(role, is_in)) == ("" if may else ONLY_MEMBERS)


def test_who_asked() -> None:
    """They always can, and Slack is asked nothing."""
    assert refusal(Slack(Role.OUTSIDER, fails=True), ASKER) == ""


def test_a_named_admin() -> None:
    """A member whom SLACKBOT_ADMINS names is an admin, a guest is not."""
    assert refusal(Slack(is_in=False), admins=(OTHER,)) == ""
    assert refusal(Slack(Role.GUEST), admins=(OTHER,)) == ONLY_MEMBERS


def test_slack_does_not_say() -> None:
    """Without an answer, in time, they can't."""
    assert refusal(Slack(fails=True)) == CANT_CHECK
    assert refusal(Slack(seconds=CHECK_SECONDS + 1)) == CANT_CHECK
    assert refusal(Slack(seconds=CHECK_SECONDS - 1)) == ""
