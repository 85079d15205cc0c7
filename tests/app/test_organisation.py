"""An organisation-wide installation, over the real wire: one token, and a bot in each workspace."""

from functools import partial

from slackbot.playground.fake_slack.members import Organisation, Person
from slackbot.playground.json_types import Json
from tests.instructions_harness import filled
from tests.many_workspaces import ManyWorkspaces, Team
from tests.replicas import replica_tasks


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
        await stage.install(replicas[0].port, group)
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
