"""Tokens that expire, on several replicas, over the real wire."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace

import psycopg
import pytest

from slackbot.conversation.ids import TeamId
from slackbot.playground.fake_openai.script import Script, says
from slackbot.store import RecordStore, open_store
from slackbot.workspaces.installations import Installation, InstallationKey
from tests.app.test_replica import faketime
from tests.app.test_served_workspaces import open_bot
from tests.harness import Request
from tests.many_workspaces import ManyWorkspaces, Team, many_workspaces
from tests.replicas import ReplicaProcess, replica_tasks


def answer(_: Request) -> Script:
    return says("Ahoy").paced(0.0)


@pytest.fixture
async def stage(request: pytest.FixtureRequest) -> AsyncIterator[ManyWorkspaces]:
    url: str = request.getfixturevalue("postgres").create_database()
    async with many_workspaces(url, answer) as stage:
        stage.platform.installations.rotates_tokens = True
        yield stage


@pytest.fixture
async def store(stage: ManyWorkspaces) -> AsyncIterator[RecordStore]:
    store = await open_store(stage.environment["DATABASE_URL"])
    yield store
    await store.close()


async def change(store: RecordStore, team: Team, **changes: int) -> Installation:
    stored = await store.installation(InstallationKey(TeamId(team.workspace.team.team_id)))
    assert stored is not None
    after = replace(stored, **changes)  # type: ignore[arg-type]
    assert await store.replace_installation(stored, after)
    return after


def newest(stage: ManyWorkspaces, team: Team) -> str:
    """The token that Slack has issued last."""
    installation = stage.platform.installations.of(team.workspace.team)
    assert installation is not None
    return installation.tokens[-1].value


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20.0):  # none of them would look by itself within that time
        while not condition():  # noqa: ASYNC110 - nothing tells
            await asyncio.sleep(0)


async def test_each_replica_uses_the_new_token(stage: ManyWorkspaces, store: RecordStore) -> None:
    """As soon as one of them has it, and not only when each looks by itself."""
    team = stage.add("Firm")
    async with replica_tasks(2, stage.environment, stage.platform) as replicas:
        await stage.install(replicas[0].port, team)
        for _ in range(2):  # a delivery for each
            assert await team.answered(await team.ask("hello")) == "Ahoy"
        first = newest(stage, team)
        await change(store, team, expires_at=int(await store.now()) + 3_600)
        with psycopg.connect(stage.environment["DATABASE_URL"]) as connection:
            connection.execute("""SELECT pg_notify('slackbot', '{"workspaces": true}')""")

        def is_used_everywhere() -> bool:
            bots = [open_bot(replicas[number], team) for number in range(2)]
            token = newest(stage, team)
            return token != first and all(bot and bot.client.token == token for bot in bots)

        await until(is_used_everywhere)
        assert sum(call.method == "oauth.v2.access" for call in stage.platform.calls) == 2
        assert await team.answered(await team.ask("hello")) == "Ahoy"


async def test_clocks_that_differ(stage: ManyWorkspaces, store: RecordStore) -> None:
    """A replica whose clock is an hour ahead leaves a renewal to the one that has just begun it."""
    team = stage.add("Firm")
    async with replica_tasks(1, stage.environment, stage.platform) as replicas:
        await stage.install(replicas[0].port, team)
    now = int(await store.now())
    begun = await change(store, team, expires_at=now + 3_600, refreshing_since=now)
    stage.platform.events_url = None
    ahead = ReplicaProcess(
        {
            **stage.environment,
            "SLACK_SIGNING_SECRET": "",
            "SLACK_APP_TOKEN": stage.platform.app.app_token,
            "LD_PRELOAD": faketime(),
            "FAKETIME": "+1h",
        },
        stage.platform,
    )
    try:
        await ahead.start()
        assert await team.answered(await team.ask("hello")) == "Ahoy"
        assert await store.installation(begun.key) == begun
    finally:
        await ahead.stop()
    assert sum(call.method == "oauth.v2.access" for call in stage.platform.calls) == 1
