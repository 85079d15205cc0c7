"""What becomes of the open bots when installations change, over the real wire."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import psycopg
import pytest

from slackbot.app import served_workspaces
from slackbot.app.workspace_bot import WorkspaceBot
from slackbot.app.workspace_bots import WorkspaceBots
from slackbot.conversation.ids import TeamId, UserId
from slackbot.slack.oauth import token_rotation
from slackbot.store import RecordStore, open_store
from slackbot.store.postgres.store import LOCK
from slackbot.workspaces.installations import Installation, InstallationKey
from slackbot.workspaces.installed import InstalledWorkspaces
from tests.command import run
from tests.instructions_harness import filled
from tests.many_workspaces import ManyWorkspaces, Team, many_workspaces
from tests.replicas import ReplicaTask, replica_tasks
from tests.store.faults import full_disk
from tests.workspaces.samples import ENCRYPTION


@pytest.fixture
async def shared(request: pytest.FixtureRequest) -> AsyncIterator[ManyWorkspaces]:
    """With PostgreSQL."""
    url: str = request.getfixturevalue("postgres").create_database()
    async with many_workspaces(url) as stage:
        yield stage


async def uninstall(stage: ManyWorkspaces, team: Team) -> None:
    installation = stage.platform.installations.of(team.workspace.team)
    assert installation is not None
    await stage.platform.uninstall(installation)


def leases(stage: ManyWorkspaces) -> list[str]:
    """The workspaces that somebody is to own."""
    with psycopg.connect(stage.environment["DATABASE_URL"]) as connection:
        return [team for (team,) in connection.execute("SELECT team_id FROM leases")]


async def test_installed_again(stage: ManyWorkspaces) -> None:
    """In the same process, and answered there again."""
    team = stage.add("Firm")
    async with replica_tasks(1, stage.environment, stage.platform) as replicas:
        await stage.install(replicas[0].port, team)
        assert await team.answered(await team.ask("hello")) == "Ahoy"
        for _ in range(2):
            await uninstall(stage, team)
            await stage.install(replicas[0].port, team)
            assert await team.answered(await team.ask("hello")) == "Ahoy"


async def test_installed_again_on_two_replicas(shared: ManyWorkspaces) -> None:
    """The replica that did not see the removal answers too, or lets the other one."""
    team, other = shared.add("Firm"), shared.add("Other")
    async with replica_tasks(2, shared.environment, shared.platform) as replicas:
        await shared.install(replicas[0].port, team, other)
        for _ in range(2):
            for _ in range(2):  # an event for each replica
                assert await team.answered(await team.ask("hello")) == "Ahoy"
            await uninstall(shared, team)
            assert team.workspace.team.team_id not in leases(shared)
            await shared.install(replicas[1].port, team)
        assert await other.answered(await other.ask("hello")) == "Ahoy"


def open_bot(replica: ReplicaTask, team: Team) -> WorkspaceBot | None:
    bots = replica.service.bot
    assert isinstance(bots, WorkspaceBots)
    bot = bots.opened(TeamId(team.workspace.team.team_id))
    assert bot is None or isinstance(bot, WorkspaceBot)
    return bot


def is_closed(replica: ReplicaTask, team: Team) -> bool:
    return open_bot(replica, team) is None


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(30.0):
        while not condition():  # noqa: ASYNC110 - nothing tells
            await asyncio.sleep(0)


async def test_another_bot_user(stage: ManyWorkspaces, monkeypatch: pytest.MonkeyPatch) -> None:
    """An open bot is replaced when another process has stored another installation: the mention of
    its new user is for the bot, that of the old one is not.
    """
    monkeypatch.setattr(token_rotation, "TICK_SECONDS", 0.05)
    team = stage.add("Firm")
    robot = team.workspace.add_person("Robot")
    async with replica_tasks(1, stage.environment, stage.platform) as replicas:
        await stage.install(replicas[0].port, team)
        assert await team.answered(await team.ask("hello")) == "Ahoy"
        store = await open_store(stage.environment["DATABASE_URL"], shared=True)
        stored = await stored_installation(store, team)
        installed = InstalledWorkspaces(store, ENCRYPTION)
        changed = replace(stored, bot_user=UserId(robot.id))
        await installed.save(changed, installed.tokens(stored))
        await store.close()

        def is_replaced() -> bool:
            bot = open_bot(replicas[0], team)
            return bot is not None and bot.me.user == robot.id

        await until(is_replaced)
        ignored = await team.ask("hello")
        asked = await team.workspace.say(team.person, team.channel, f"{robot.mention} hello")
        assert await team.answered(asked) == "Ahoy"
        assert team.answer(ignored) is None


async def stored_installation(store: RecordStore, team: Team) -> Installation:
    key = InstallationKey(TeamId(team.workspace.team.team_id))
    stored = await store.installation(key)
    assert stored is not None
    return stored


async def test_a_new_installation_answers_what_waits(
    stage: ManyWorkspaces, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A question that failed as the token was revoked is answered once another process has stored
    a new installation, also of the same bot user.
    """
    monkeypatch.setattr(token_rotation, "TICK_SECONDS", 0.05)
    team = stage.add("Firm")
    async with replica_tasks(1, stage.environment, stage.platform) as replicas:
        await stage.install(replicas[0].port, team)
        team.workspace.token_error = "token_revoked"
        question = await team.ask("hello")
        await replicas[0].service.bot.idle()
        assert team.answer(question) is None
        team.workspace.token_error = ""
        store = await open_store(stage.environment["DATABASE_URL"], shared=True)
        stored = await stored_installation(store, team)
        installed = InstalledWorkspaces(store, ENCRYPTION)
        again = replace(stored, installed_at=stored.installed_at + 60)
        await installed.save(again, installed.tokens(stored))
        await store.close()
        assert await team.answered(question) == "Ahoy"


async def test_installed_while_something_waits(stage: ManyWorkspaces) -> None:
    """What an earlier process has left is answered when the app is installed again, though nothing
    is delivered.
    """
    team = stage.add("Firm")
    async with replica_tasks(1, stage.environment, stage.platform) as replicas:
        await stage.install(replicas[0].port, team)
        team.workspace.token_error = "token_revoked"
        question = await team.ask("hello")
        await replicas[0].service.bot.idle()
    store = await open_store(stage.environment["DATABASE_URL"], shared=True)
    stored = await stored_installation(store, team)
    lost_key = replace(stored, sealed_tokens="gAAAAA")
    assert await store.replace_installation(stored, lost_key)
    await store.close()
    team.workspace.token_error = ""
    async with replica_tasks(1, stage.environment, stage.platform) as replicas:
        assert team.answer(question) is None
        await stage.install(replicas[0].port, team)
        assert await team.answered(question) == "Ahoy"


async def test_installed_while_the_workspace_is_busy(shared: ManyWorkspaces) -> None:
    """The page does not wait until the workspace's rows can be read: the app is installed."""
    team = shared.add("Firm")
    async with replica_tasks(1, shared.environment, shared.platform) as replicas:
        with psycopg.connect(shared.environment["DATABASE_URL"]) as other, other.transaction():
            other.execute(LOCK.format(team.workspace.team.team_id))
            await shared.install(replicas[0].port, team)
        assert await team.answered(await team.ask("hello")) == "Ahoy"


async def test_removed_by_the_command(
    shared: ManyWorkspaces, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A late event is acknowledged and not stored, nobody owns the workspace any more, and its bot
    is closed on each replica.
    """
    monkeypatch.setattr(token_rotation, "TICK_SECONDS", 0.5)
    team, other = shared.add("Firm"), shared.add("Other")
    async with replica_tasks(2, shared.environment, shared.platform) as replicas:
        await shared.install(replicas[0].port, team, other)
        for _ in range(2):
            assert await team.answered(await team.ask("hello")) == "Ahoy"
        late, team_id = team.workspace.deliveries[0], team.workspace.team.team_id
        code, output, _ = await run(
            tmp_path, "workspaces", "remove", team_id, "--yes", **shared.environment
        )
        assert code == 0, output
        assert team.workspace.team.team_id not in leases(shared)
        for _ in range(2):
            delivery = await team.workspace.redeliver(late)
            assert delivery.acknowledged
        store = await open_store(shared.environment["DATABASE_URL"])
        assert not await store.threads_with_events([TeamId(team_id)])
        await store.close()
        for number in range(2):
            await until(partial(is_closed, replicas[number], team))
        assert team.workspace.team.team_id not in leases(shared)
        assert await other.answered(await other.ask("hello")) == "Ahoy"


async def test_what_another_process_removes(
    stage: ManyWorkspaces, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bot of the workspace is closed, though nothing is delivered any more."""
    monkeypatch.setattr(token_rotation, "TICK_SECONDS", 0.05)
    team = stage.add("Firm")
    async with replica_tasks(1, stage.environment, stage.platform) as replicas:
        await stage.install(replicas[0].port, team)
        assert await team.answered(await team.ask("hello")) == "Ahoy"
        assert open_bot(replicas[0], team) is not None
        store = await open_store(stage.environment["DATABASE_URL"], shared=True)
        stored = await stored_installation(store, team)
        await store.replace_installation(stored, None)
        await store.close()
        await until(lambda: open_bot(replicas[0], team) is None)


async def test_from_one_token_to_installations(stage: ManyWorkspaces) -> None:
    """The workspace keeps its conversations, and a question that waits is answered once it has
    installed the app by itself.
    """
    team = stage.add("Firm")
    stage.platform.install(team.workspace)
    oauth = ("SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET", "SLACKBOT_ENCRYPTION_KEY")
    alone = {name: value for name, value in stage.environment.items() if name not in oauth}
    alone["SLACK_BOT_TOKEN"] = team.workspace.bot_token
    async with replica_tasks(1, alone, stage.platform) as replicas:
        begun = await team.ask("hello")
        assert await team.answered(begun) == "Ahoy"
        team.workspace.token_error = "token_revoked"
        waiting = await team.ask("and now?")
        await replicas[0].service.bot.idle()
        assert team.answer(waiting) is None
    team.workspace.token_error = ""
    async with replica_tasks(1, stage.environment, stage.platform) as replicas:
        await stage.install(replicas[0].port, team)
        assert await team.answered(waiting) == "Ahoy"
        await team.workspace.say(team.person, team.channel, "more", thread=begun.ts)
        await stage.platform.until(lambda: len(team.bot_messages()) == 3)
        await replicas[0].service.bot.idle()
        assert "hello" in str(stage.model.requests[-1])


@pytest.fixture
def _often_looking_for_idle_bots(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(served_workspaces, "IDLE_CHECK_SECONDS", 0.01)


@contextmanager
def idle_at_once() -> Iterator[None]:
    """While the block runs, no bot waits for a next delivery."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(served_workspaces, "IDLE_SECONDS", 0.0)
        yield


@pytest.mark.usefixtures("_often_looking_for_idle_bots")
async def test_what_a_full_disk_keeps_a_bot_open_for(stage: ManyWorkspaces) -> None:
    """A question that could not be stored is in its memory alone, and is answered all the same;
    bots that have nothing of the kind are closed meanwhile.
    """
    team, other = stage.add("Firm"), stage.add("Other")
    path = Path(stage.environment["DATABASE_URL"].removeprefix("sqlite:///"))
    async with replica_tasks(1, stage.environment, stage.platform) as replicas:
        await stage.install(replicas[0].port, team, other)
        assert await team.answered(await team.ask("hello")) == "Ahoy"
        await replicas[0].service.bot.idle()
        with full_disk(path):
            lost = await team.ask("hello again")
            assert not team.workspace.deliveries[-1].acknowledged
            await other.workspace.open_home(other.person)
            with idle_at_once():
                await until(lambda: is_closed(replicas[0], other))
                assert not is_closed(replicas[0], team)
        assert await team.answered(lost) == "Ahoy"
        with idle_at_once():
            await until(lambda: is_closed(replicas[0], team))


@pytest.mark.usefixtures("_often_looking_for_idle_bots")
async def test_a_form_outlives_its_bot(stage: ManyWorkspaces) -> None:
    """What an admin has filled in is saved by the workspace's next bot."""
    team = stage.add("Firm")
    chief = team.workspace.add_person("Ada", admin=True)
    views = team.workspace.views
    async with replica_tasks(1, stage.environment, stage.platform) as replicas:
        await stage.install(replicas[0].port, team)
        await team.workspace.command(chief, team.channel, "/instructions", "workspace")
        await team.workspace.until(lambda: views.history)
        with idle_at_once():
            await until(lambda: is_closed(replicas[0], team))
        form = views.modals[chief.id][-1]
        await team.workspace.submit_view(chief, form, filled(form, text="You are a pirate."))
        assert await team.answered(await team.ask("hello")) == "Ahoy"
        assert "You are a pirate." in str(stage.model.requests[-1])
