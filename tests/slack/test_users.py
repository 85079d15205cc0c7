"""One look at a person tells their name, role and time zone, and how long each is good for."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace

import pytest

from slackbot.conversation.ids import TeamId, UserId
from slackbot.conversation.roles import Member, Role
from slackbot.errors import DeliveryError, UnreachableError
from slackbot.playground.fake_slack.faults import Fault, FaultAnswer
from slackbot.slack.client import web_client
from slackbot.slack.lookups import CACHE_SECONDS
from slackbot.slack.users import ROLE_CACHE_SECONDS, SlackUsers
from tests.harness import BotHarness


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


Looking = Callable[..., AbstractAsyncContextManager[SlackUsers]]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def looking(harness: BotHarness, clock: Clock) -> Looking:
    @asynccontextmanager
    async def looking(name_timeout: float = 5.0) -> AsyncIterator[SlackUsers]:
        async with web_client(harness.workspace.url, harness.workspace.bot_token) as client:
            team = harness.workspace.team.team_id
            users = SlackUsers(client, TeamId(team), name_timeout=name_timeout, clock=clock)
            try:
                yield users
            finally:
                await users.close()

    return looking


def looks(harness: BotHarness) -> int:
    """How often Slack was asked about people."""
    return [call.method for call in harness.workspace.calls].count("users.info")


async def test_all_who_ask_share_one_call(harness: BotHarness, looking: Looking) -> None:
    """Those who ask at the same time share the call, and later ones need none."""
    ana = harness.ana.id
    async with looking() as users:
        name, member, zone = await asyncio.gather(
            users.display_name(UserId(ana)), users.member(UserId(ana)), users.time_zone(UserId(ana))
        )
        assert (name, member, zone) == ("Ana", Member(UserId(ana)), ("Etc/UTC", 0))
        assert await users.display_name(UserId(ana)) == "Ana"
    assert looks(harness) == 1


async def test_how_long_answers_are_good_for(
    harness: BotHarness, looking: Looking, clock: Clock
) -> None:
    """A role and a time zone are good for a minute, a name for an hour."""
    ada = harness.workspace.add_person("Ada", admin=True)
    async with looking() as users:
        assert await users.member(UserId(ada.id)) == Member(UserId(ada.id), Role.ADMIN)
        renamed = replace(ada, name="Lady Ada", admin=False, tz="Europe/Paris")
        harness.workspace.people[ada.id] = renamed
        clock.now = ROLE_CACHE_SECONDS - 1
        assert (await users.member(UserId(ada.id))).role >= Role.ADMIN
        assert await users.time_zone(UserId(ada.id)) == ("Etc/UTC", 0)
        clock.now = ROLE_CACHE_SECONDS
        assert await users.display_name(UserId(ada.id)) == "Ada"
        assert looks(harness) == 1
        assert (await users.member(UserId(ada.id))).role < Role.ADMIN
        assert await users.time_zone(UserId(ada.id)) == ("Europe/Paris", 0)
        assert await users.display_name(UserId(ada.id)) == "Lady Ada"
        clock.now += CACHE_SECONDS
        assert await users.display_name(UserId(ada.id)) == "Lady Ada"
    assert looks(harness) == 3


async def test_every_role(harness: BotHarness, looking: Looking) -> None:
    """Each of Slack's roles is known; the weaker one counts, and a deactivated admin has none."""
    add = harness.workspace.add_person
    people = {
        add("Olga", owner=True): Role.OWNER,
        add("Ada", admin=True): Role.ADMIN,
        add("Ben"): Role.MEMBER,
        add("Gus", restricted=True): Role.GUEST,
        add("Gia", restricted=True, admin=True): Role.GUEST,
        add("Zoe", stranger=True): Role.OUTSIDER,
        add("Zak", stranger=True, admin=True): Role.OUTSIDER,
    }
    async with looking() as users:
        for person, role in people.items():
            assert await users.member(UserId(person.id)) == Member(UserId(person.id), role)
        gone = {"id": "U9", "is_owner": True, "deleted": True}
        answer = FaultAnswer(200, {"ok": True, "user": gone}, {})
        harness.workspace.faults.add("users.info", Fault("answer", answer))
        assert (await users.member(UserId("U9"))).role is Role.OUTSIDER


@pytest.mark.parametrize("user", [{}, {"is_owner": True}])
async def test_somebody_who_is_not_described(
    harness: BotHarness, looking: Looking, user: object
) -> None:
    """An answer without a person in it gives no rights."""
    answer = FaultAnswer(200, {"ok": True, "user": user}, {})
    harness.workspace.faults.add("users.info", Fault("answer", answer))
    async with looking() as users:
        assert (await users.member(UserId("U9"))).role is Role.OUTSIDER


@pytest.mark.parametrize(
    ("flags", "teams", "role"),
    [
        ({}, ["T7", "here"], Role.MEMBER),
        ({"is_admin": True, "is_owner": True}, ["T7", "here"], Role.MEMBER),
        ({"is_restricted": True, "is_admin": True}, ["here"], Role.GUEST),
        ({"is_stranger": True}, ["here"], Role.OUTSIDER),
        ({"is_admin": True}, ["T7"], Role.OUTSIDER),
        ({"is_admin": True}, [], Role.OUTSIDER),
    ],
)
async def test_roles_in_an_organisation(
    harness: BotHarness,
    looking: Looking,
    flags: Mapping[str, bool],
    teams: Sequence[str],
    role: Role,
) -> None:
    """Somebody whom Slack describes as of another workspace is a member of this one if Slack says
    so, and an admin by no role that they have there.
    """
    here = harness.workspace.team.team_id
    listed = [here if each == "here" else each for each in teams]
    user = {"id": "U9", "team_id": "T7", "enterprise_user": {"teams": listed}, **flags}
    answer = FaultAnswer(200, {"ok": True, "user": user}, {})
    harness.workspace.faults.add("users.info", Fault("answer", answer))
    async with looking() as users:
        assert (await users.member(UserId("U9"))).role is role


async def test_a_role_for_a_change(harness: BotHarness, looking: Looking) -> None:
    """Where something is about to be saved Slack is asked in any case, and that answer is kept."""
    ada = harness.workspace.add_person("Ada", admin=True)
    async with looking() as users:
        assert (await users.member(UserId(ada.id))).role >= Role.ADMIN
        harness.workspace.people[ada.id] = replace(ada, admin=False)
        assert (await users.fresh_member(UserId(ada.id))).role < Role.ADMIN
        assert (await users.member(UserId(ada.id))).role < Role.ADMIN
    assert looks(harness) == 2


async def test_a_role_that_nobody_waits_for(
    harness: BotHarness, looking: Looking, clock: Clock
) -> None:
    """What was said last is known without a call. A role that is needed soon is at most a minute
    old, and is not waited for longer than a name.
    """
    ada = harness.workspace.add_person("Ada", admin=True)
    user = UserId(ada.id)
    async with looking() as users:
        assert users.known_member(user) is None
        assert await users.member_soon(user) == Member(user, Role.ADMIN)
        harness.workspace.people[ada.id] = replace(ada, admin=False)
        clock.now = ROLE_CACHE_SECONDS - 1
        assert await users.member_soon(user) == users.known_member(user) == Member(user, Role.ADMIN)
        clock.now = ROLE_CACHE_SECONDS
        assert users.known_member(user) == Member(user, Role.ADMIN)
        assert await users.member_soon(user) == users.known_member(user) == Member(user)
    assert looks(harness) == 2
    harness.workspace.faults.add("users.info", Fault.hang())
    async with looking(name_timeout=0.05) as users:
        assert await users.member_soon(user) is None
    harness.workspace.faults.add("users.info", Fault.error("user_not_found"))
    async with looking() as users:
        assert await users.member_soon(user) is None


async def test_a_fresh_answer_wins_over_a_late_one(
    harness: BotHarness, looking: Looking, clock: Clock
) -> None:
    """A call that was made before, and is answered after, does not bring the old role back."""
    ana = harness.ana.id
    body = {"ok": True, "user": {"id": ana, "name": "ana", "is_admin": True}}
    late = Fault("answer", FaultAnswer(200, body, {}), seconds=0.3)
    harness.workspace.faults.add("users.info", late)
    async with looking() as users:
        early = asyncio.create_task(users.member(UserId(ana)))
        await harness.workspace.until(lambda: looks(harness) == 1)
        clock.now += 1
        assert (await users.fresh_member(UserId(ana))).role < Role.ADMIN
        assert (await early).role >= Role.ADMIN
        assert (await users.member(UserId(ana))).role < Role.ADMIN


async def test_a_name_that_takes_long(harness: BotHarness, looking: Looking) -> None:
    """Nobody waits for it longer than the limit; the answer still comes, and is kept."""
    harness.workspace.faults.add("users.info", Fault.hang(0.3))
    async with looking(name_timeout=0.01) as users:
        assert await users.display_name(UserId(harness.ana.id)) is None
        assert await users.member(UserId(harness.ana.id)) == Member(UserId(harness.ana.id))
        assert await users.display_name(UserId(harness.ana.id)) == "Ana"
    assert looks(harness) == 1


async def test_a_name_is_waited_for_once(harness: BotHarness, looking: Looking) -> None:
    """However often a name is needed while Slack takes its time, the limit counts from the call."""
    harness.workspace.faults.add("users.info", Fault.hang())
    async with looking(name_timeout=0.2) as users:
        async with asyncio.timeout(10.0):
            for _ in range(1_000):
                assert await users.display_name(UserId(harness.ana.id)) is None
        harness.workspace.release_calls()
        assert await users.member(UserId(harness.ana.id)) == Member(UserId(harness.ana.id))
        assert await users.display_name(UserId(harness.ana.id)) == "Ana"
    assert looks(harness) == 1


async def test_what_slack_does_not_tell_is_asked_again(
    harness: BotHarness, looking: Looking, caplog: pytest.LogCaptureFixture
) -> None:
    """A failure that lasts is no answer, and is not remembered."""
    harness.workspace.faults.add("users.info", Fault.status(503), times=8)
    async with looking() as users:
        assert await users.display_name(UserId(harness.ana.id)) is None
        with pytest.raises(UnreachableError):
            await users.member(UserId(harness.ana.id))
        assert await users.display_name(UserId(harness.ana.id)) == "Ana"
    assert f"Slack says nothing about {harness.ana.id}" in caplog.text


async def test_a_time_zone_is_asked_for_several_times(
    harness: BotHarness, looking: Looking
) -> None:
    """A tool waits for it while Slack can't be reached; what Slack refuses is final."""
    harness.workspace.faults.add("users.info", Fault.status(503))
    async with looking() as users:
        assert await users.time_zone(UserId(harness.ana.id)) == ("Etc/UTC", 0)
        with pytest.raises(DeliveryError):
            await users.time_zone(UserId("U404"))


async def test_a_person_without_a_profile(harness: BotHarness, looking: Looking) -> None:
    """Where the profile is empty the account's name serves."""
    body = {"ok": True, "user": {"id": "U1", "name": "zoe", "profile": None}}
    harness.workspace.faults.add("users.info", Fault("answer", FaultAnswer(200, body, {})))
    async with looking() as users:
        assert await users.display_name(UserId("U1")) == "zoe"
        assert await users.time_zone(UserId("U1")) is None


async def test_an_answer_without_a_name(harness: BotHarness, looking: Looking) -> None:
    """It tells a role, and is not remembered."""
    body = {"ok": True, "user": {"id": harness.ana.id}}
    harness.workspace.faults.add("users.info", Fault("answer", FaultAnswer(200, body, {})))
    async with looking() as users:
        assert await users.member(UserId(harness.ana.id)) == Member(UserId(harness.ana.id))
        assert await users.display_name(UserId(harness.ana.id)) == "Ana"


async def test_closing_ends_what_is_under_way(harness: BotHarness, looking: Looking) -> None:
    """Whoever still waits for an answer learns at once that none will come."""
    harness.workspace.faults.add("users.info", Fault.hang(60.0))
    async with looking() as users:
        waiting = asyncio.create_task(users.member(UserId(harness.ana.id)))
        await harness.workspace.until(lambda: looks(harness) == 1)
    with pytest.raises(asyncio.CancelledError):
        await waiting
