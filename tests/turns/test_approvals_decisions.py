"""Which press of a button decides about which call, on a virtual clock."""

import asyncio
from collections.abc import Awaitable, Callable, Collection

import pytest

from benchmarks.virtual_clock import run
from slackbot.conversation.controls import Press
from slackbot.conversation.ids import ChannelId, TeamId, Ts, UserId
from slackbot.conversation.messages import ThreadKey
from slackbot.conversation.roles import Member, Role
from slackbot.llm.tool_calls import Caller, ToolDefinition
from slackbot.turns import texts
from slackbot.turns.approvals import APPROVAL_SECONDS, Approvals
from slackbot.turns.role_directory import RoleDirectory
from slackbot.turns.texts import ALREADY_DECIDED, ONLY_REQUESTER

ANA, BEN, CHIEF, GUEST = UserId("U1"), UserId("U2"), UserId("U3"), UserId("U4")
OWNER = UserId("U5")

THREAD = ThreadKey(TeamId("T1"), ChannelId("C1"), Ts("1.0"))


class People:
    """The chief is an admin of the workspace, and the owner owns it."""

    def known_member(self, user: UserId) -> Member:
        """Everybody was an owner a minute ago."""
        return Member(user, Role.OWNER)

    async def member(self, user: UserId) -> Member:
        return Member(user, Role.OWNER)

    member_soon = member

    async def fresh_member(self, user: UserId) -> Member:
        roles = {CHIEF: Role.ADMIN, GUEST: Role.GUEST, OWNER: Role.OWNER}
        return Member(user, roles.get(user, Role.MEMBER))


def ask(
    asking: Approvals,
    question: str = "1",
    thread: ThreadKey = THREAD,
    *,
    requester: UserId = ANA,
    role: Role = Role.MEMBER,
) -> Awaitable[bool | None]:
    """Asks about a call of a tool for people with this role, and Slack shows the question."""
    caller = Caller(requester, thread.channel, thread.team, thread.ts)
    tool = ToolDefinition("sink", "Sinks a ship.", {}, requires_approval=True, role=role)
    answer = asyncio.create_task(asking.request(question, caller, tool))
    asyncio.get_running_loop().call_soon(asking.shown, question)
    return answer


def press(user: UserId, question: str = "1", thread: ThreadKey = THREAD) -> Press:
    return Press(thread, Ts("2.0"), user, "confirm", question)


def play(scene: Callable[[Approvals], Awaitable[None]], admins: Collection[UserId] = ()) -> None:
    async def played() -> None:
        await scene(Approvals(RoleDirectory(People(), admins)))

    run(played())


@pytest.mark.parametrize("yes", [True, False])
@pytest.mark.parametrize("user", [ANA, CHIEF])
def test_who_may_decide(user: UserId, yes: bool) -> None:  # noqa: FBT001 - a parameter of a test
    """The person who asked and the workspace's admins may say yes, and no."""

    async def scene(asking: Approvals) -> None:
        answer = ask(asking)
        await asyncio.sleep(1)
        assert await asking.decide(press(user), yes=yes) == ""
        assert await answer is yes

    play(scene)


@pytest.mark.parametrize(("admins", "may"), [((), False), ((BEN,), True)])
def test_admins_of_the_bot_may_decide(admins: Collection[UserId], may: bool) -> None:  # noqa: FBT001
    """Somebody else may only if the bot's settings name them."""

    async def scene(asking: Approvals) -> None:
        answer = ask(asking)
        await asyncio.sleep(1)
        said = await asking.decide(press(BEN), yes=True)
        assert said == ("" if may else ONLY_REQUESTER.format(user=ANA))
        assert await answer is (True if may else None)

    play(scene, admins)


def test_a_guest_may_not_decide() -> None:
    """Not even if the settings name them."""

    async def scene(asking: Approvals) -> None:
        answer = ask(asking)
        await asyncio.sleep(1)
        assert await asking.decide(press(GUEST), yes=True) == ONLY_REQUESTER.format(user=ANA)
        assert await answer is None

    play(scene, [GUEST])


@pytest.mark.parametrize(
    ("role", "user", "may"),
    [
        (Role.OUTSIDER, GUEST, True),
        (Role.GUEST, GUEST, True),
        (Role.MEMBER, GUEST, False),
        (Role.ADMIN, GUEST, False),
        (Role.ADMIN, CHIEF, True),
        (Role.OWNER, CHIEF, False),
        (Role.OWNER, OWNER, True),
    ],
)
def test_a_yes_needs_the_role_of_the_tool(role: Role, user: UserId, may: bool) -> None:  # noqa: FBT001
    """A guest asked: a yes needs the role that the tool asks for, by what Slack says now. The
    guest, and admins, can always say no.
    """

    async def scene(asking: Approvals) -> None:
        answer = ask(asking, requester=GUEST, role=role)
        await asyncio.sleep(1)
        too_low = texts.ROLE_TOO_LOW.format(people=texts.PEOPLE_BY_ROLE[role])
        assert await asking.decide(press(user), yes=True) == ("" if may else too_low)
        if not may:
            assert await asking.decide(press(user), yes=False) == ""
        assert await answer is may

    play(scene)


@pytest.mark.parametrize(
    "other",
    [
        press(ANA, "2"),
        press(ANA, thread=ThreadKey(TeamId("T1"), ChannelId("C2"), Ts("1.0"))),
        press(ANA, thread=ThreadKey(TeamId("T1"), ChannelId("C1"), Ts("9.0"))),
    ],
)
def test_a_press_is_for_its_own_call(other: Press) -> None:
    """A press for another call, or in another place, decides nothing here."""

    async def scene(asking: Approvals) -> None:
        answer = ask(asking)
        await asyncio.sleep(1)
        assert await asking.decide(other, yes=True) == ALREADY_DECIDED
        assert await answer is None

    play(scene)


def test_the_first_press_decides() -> None:
    """A second one changes nothing, even before the call goes on."""

    async def scene(asking: Approvals) -> None:
        answer = ask(asking)
        await asyncio.sleep(1)
        assert await asking.decide(press(ANA), yes=False) == ""
        assert await asking.decide(press(CHIEF), yes=True) == ALREADY_DECIDED
        assert await answer is False
        assert await asking.decide(press(ANA), yes=True) == ALREADY_DECIDED

    play(scene)


def test_five_minutes_to_decide() -> None:
    """A yes in time counts; after that the call is not confirmed, and a late yes is told so."""

    async def scene(asking: Approvals) -> None:
        assert APPROVAL_SECONDS == 300.0
        in_time, late = ask(asking, "1"), ask(asking, "2")
        await asyncio.sleep(299)
        assert await asking.decide(press(ANA, "1"), yes=True) == ""
        assert await in_time is True
        await asyncio.sleep(2)
        assert await asking.decide(press(ANA, "2"), yes=True) == ALREADY_DECIDED
        assert await late is None

    play(scene)


def test_the_time_begins_when_the_question_is_shown() -> None:
    """However long Slack keeps a question from people, they have five minutes from then on."""

    async def scene(asking: Approvals) -> None:
        caller = Caller(ANA, THREAD.channel, THREAD.team, THREAD.ts)
        tool = ToolDefinition("sink", "Sinks a ship.", {}, requires_approval=True)
        answer = asyncio.create_task(asking.request("1", caller, tool))
        await asyncio.sleep(3_600)
        assert not answer.done()
        asking.shown("1")
        await asyncio.sleep(299)
        asking.shown("1")  # the message changes again
        asking.shown("2")
        assert not answer.done()
        await asyncio.sleep(2)
        assert answer.done()
        assert await answer is None
        asking.shown("1")

    play(scene)


def test_no_two_questions_are_the_same() -> None:
    """A button that was pressed late, or in an earlier process, answers no other question."""
    assert len({Approvals.new_question() for _ in range(1_000)}) == 1_000
