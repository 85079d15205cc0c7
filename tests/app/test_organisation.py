"""An organisation-wide installation, over the real wire: one token, and a bot in each workspace."""

from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import aiohttp
import pytest

from slackbot.playground.fake_openai.script import Script, says
from slackbot.playground.fake_slack.members import Organisation, Person
from slackbot.playground.json_types import Json
from slackbot.slack.oauth.flow import INSTALL_PATH
from tests.harness import Request
from tests.instructions_harness import filled
from tests.many_workspaces import ManyWorkspaces, Team, many_workspaces
from tests.replicas import ReplicaTask, replica_tasks
from tests.slack.oauth.install_site import Browser


def answer(_: Request) -> Script:
    return says("Ahoy").paced(0.0)


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[ManyWorkspaces]:
    async with many_workspaces(f"sqlite:///{tmp_path / 'slackbot.db'}", answer) as stage:
        yield stage


async def install(stage: ManyWorkspaces, replica: ReplicaTask, group: Organisation) -> None:
    assert replica.port is not None
    async with aiohttp.ClientSession() as session:
        browser = Browser(replica.port, session)
        page = await browser.get(INSTALL_PATH)
        approval = stage.platform.open(page.button, group)
        query = dict(parse_qsl(urlsplit(approval.redirect_url).query))
        assert (await browser.come_back(**query)).title == "Thank you!"


def add(stage: ManyWorkspaces, name: str, group: Organisation) -> tuple[Team, Person]:
    """A workspace, and an admin of it."""
    workspace = stage.platform.add_workspace(name, organisation=group)
    person, chief = workspace.add_person(f"Ana of {name}"), workspace.add_person("Ada", admin=True)
    channel = workspace.add_channel("general", members=[person, chief])
    return Team(workspace, person, channel), chief


async def form(team: Team, chief: Person) -> Json:
    views = team.workspace.views
    before = len(views.history)
    await team.workspace.command(chief, team.channel, "/instructions", "workspace")
    await team.workspace.until(lambda: len(views.history) > before)
    shown: Json = views.modals[chief.id][-1]
    return shown


async def test_each_workspace_has_its_own(stage: ManyWorkspaces) -> None:
    """Its admins set its instructions in a form, its people see its Home tab, and each question is
    answered there alone.
    """
    group = stage.platform.add_organisation("Group")
    (first, chief), (second, _) = (add(stage, name, group) for name in ("First", "Second"))
    async with replica_tasks(1, stage.environment, stage.platform) as replicas:
        await install(stage, replicas[0], group)
        view = await form(first, chief)
        text = filled(view, text="Speak as a pirate.")
        # As in https://docs.slack.dev/messaging/work-objects-implementation
        named = {**view, "app_installed_team_id": group.enterprise_id}
        await first.workspace.submit_view(chief, named, text)
        for team in (first, second):
            assert await team.answered(await team.ask("hello")) == "Ahoy"
            await team.workspace.open_home(team.person)
            homes = team.workspace.views.homes
            await team.workspace.until(partial(homes.__contains__, team.person.id))
        requests = [str(each["messages"][0]) for each in stage.model.requests]
        assert ["Speak as a pirate." in each for each in requests] == [True, False]
        assert [len(team.bot_messages()) for team in (first, second)] == [1, 1]
