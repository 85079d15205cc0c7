"""The Home tab and the suggested prompts, over the real wire."""

from collections.abc import AsyncIterator
from dataclasses import replace
from functools import partial

import pytest
from slack_sdk.models.views import View

from slackbot.conversation.ids import ChannelId, TeamId, UserId
from slackbot.instructions.limits import MAX_INSTRUCTIONS_CHARS
from slackbot.instructions.revisions import SettingsChange
from slackbot.instructions.scopes import Scope
from slackbot.instructions.settings import ScopeSettings
from slackbot.playground.fake_slack.faults import Fault
from slackbot.playground.fake_slack.members import Person
from slackbot.playground.fake_slack.message_checks import check_view
from slackbot.playground.fake_slack.messages import elements
from slackbot.playground.json_types import Json
from slackbot.store import open_store
from tests.harness import BotHarness
from tests.instructions_harness import InstructionsHarness, field, fields, filled, view_text


class HomeTabHarness(InstructionsHarness):
    async def home(self, person: Person) -> str:
        """All that the Home tab says to a person who opens it."""
        workspace, published = self.harness.workspace, self.published
        await workspace.open_home(person)
        await workspace.until(lambda: self.published > published)
        return self.seen(person)

    @property
    def published(self) -> int:
        calls = self.harness.workspace.calls
        return sum(call.method == "views.publish" and call.status == 200 for call in calls)

    def seen(self, person: Person) -> str:
        return view_text(self.shown_to(person))

    def shown_to(self, person: Person) -> Json:
        return self.harness.workspace.views.homes[person.id]


@pytest.fixture
async def tabs(harness: BotHarness) -> AsyncIterator[HomeTabHarness]:
    async with harness.running():
        yield HomeTabHarness(harness)


async def test_what_holds_where(tabs: HomeTabHarness) -> None:
    """For an admin: all that is set, by whom, and a button for each to edit it."""
    await tabs.command(tabs.ada, "workspace set You are a parrot.")
    await tabs.command(tabs.ada, "set You are a captain.")
    seen = await tabs.home(tabs.ada)
    assert "You are a parrot." in seen
    assert "You are a captain." in seen
    assert f"<#{tabs.harness.general.id}>" in seen
    assert f"<@{tabs.ada.id}>" in seen
    buttons = [each["value"] for _, each in elements(tabs.shown_to(tabs.ada)["blocks"])]
    assert buttons == ["workspace", tabs.harness.general.id, "prompts"]


async def test_how_to_ask(tabs: HomeTabHarness) -> None:
    """For members: an example to copy, and what is set; not what it says in channels in which they
    perhaps are not; and nothing to press.
    """
    person = tabs.harness.ben
    await tabs.command(tabs.ada, "set You are a captain.")
    seen = await tabs.home(person)
    assert "```@assistant What is" in seen
    assert "You are a pirate." in seen
    assert f"<#{tabs.harness.general.id}>" in seen
    assert "captain" not in seen
    assert not fields(tabs.shown_to(person))


async def test_it_is_kept_current(tabs: HomeTabHarness) -> None:
    """Whoever looks at it sees a change at once, wherever it was made."""
    for person in (tabs.ada, tabs.harness.ben):
        await tabs.home(person)
    await tabs.command(tabs.ada, "workspace set You are a parrot.")
    await tabs.harness.workspace.until(
        lambda: all("parrot" in tabs.seen(each) for each in (tabs.ada, tabs.harness.ben))
    )
    await tabs.save(tabs.ada, await tabs.form(tabs.ada), text="You are a captain.")
    await tabs.harness.workspace.until(lambda: "captain" in tabs.seen(tabs.ada))


async def test_editing_from_there(tabs: HomeTabHarness) -> None:
    """The buttons open the form for the workspace, or for the channel."""
    await tabs.command(tabs.ada, "set You are a captain.")
    await tabs.home(tabs.ada)
    workspace = tabs.harness.workspace
    home = workspace.views.homes[tabs.ada.id]

    for value, text in (("workspace", "You are a pirate."), ("", "You are a captain.")):
        value = value or tabs.harness.general.id  # noqa: PLW2901 - known only here
        workspace.views.modals.clear()
        await workspace.click(tabs.ada, home, "slackbot_edit", value)
        await workspace.until(lambda: workspace.views.modals)
        assert field(tabs.on_top(tabs.ada), "text")["initial_value"] == text
        assert "version" in await tabs.save(tabs.ada, tabs.on_top(tabs.ada), text=f"{text} Always.")


async def test_a_forged_press(tabs: HomeTabHarness) -> None:
    """Who may not edit is told so, however they came to press the button."""
    await tabs.home(tabs.ada)
    home = tabs.harness.workspace.views.homes[tabs.ada.id]
    for button in ("slackbot_edit", "slackbot_edit_prompts"):
        tabs.harness.workspace.views.modals.clear()
        await tabs.harness.workspace.click(tabs.harness.ben, home, button)
        await tabs.harness.workspace.until(lambda: tabs.harness.workspace.views.modals)
        assert "You can't change" in tabs.said(tabs.harness.ben)


async def test_suggested_prompts(tabs: HomeTabHarness) -> None:
    """An admin writes up to four; people see them above an empty conversation with the bot."""
    workspace, ben = tabs.harness.workspace, tabs.harness.ben
    await tabs.home(tabs.ada)
    home = workspace.views.homes[tabs.ada.id]
    await workspace.click(tabs.ada, home, "slackbot_edit_prompts")
    await workspace.until(lambda: workspace.views.modals.get(tabs.ada.id))
    long = "Summarise what was said in the thread that I paste here, in five lines at the most."
    said = await tabs.save(
        tabs.ada, tabs.on_top(tabs.ada), prompt_1="What's new?", prompt_2=" ", prompt_4=long
    )
    assert "Suggested prompts: What's new? · Summarise" in said
    await workspace.open_home(ben, "messages")
    await workspace.until(lambda: workspace.prompts)
    assert workspace.prompts[workspace.direct_message(ben).id, ""] == [
        {"title": "What's new?", "message": "What's new?"},
        {"title": long[:74] + "…", "message": long},
    ]
    await workspace.until(lambda: "What's new?" in tabs.seen(tabs.ada))
    assert "version 2" in await tabs.command(tabs.ada, "workspace undo")


async def test_prompts_of_two_admins_at_once(tabs: HomeTabHarness) -> None:
    """Who saves second is asked, and keeps what they wrote."""
    workspace = tabs.harness.workspace
    bea = workspace.add_person("Bea", admin=True)
    for person in (tabs.ada, bea):
        await tabs.home(person)
        await workspace.click(person, workspace.views.homes[person.id], "slackbot_edit_prompts")
        await workspace.until(partial(workspace.views.modals.get, person.id))
    await tabs.save(bea, tabs.on_top(bea), prompt_1="Hers?")
    assert "while you were writing" in await tabs.save(
        tabs.ada, tabs.on_top(tabs.ada), prompt_1="His?"
    )
    assert field(tabs.on_top(tabs.ada), "prompt_1")["initial_value"] == "His?"
    assert "version 2" in await tabs.save(tabs.ada, tabs.on_top(tabs.ada))


async def test_no_prompts(tabs: HomeTabHarness) -> None:
    """Where none were written, none are asked for."""
    await tabs.harness.workspace.open_home(tabs.harness.ben, "messages")
    await tabs.home(tabs.harness.ben)
    assert not tabs.harness.workspace.prompts


async def test_slack_fails(tabs: HomeTabHarness) -> None:
    """A tab that could not be shown is shown once Slack works again."""
    tabs.harness.workspace.faults.add("views.publish", Fault.status(500))
    await tabs.home(tabs.harness.ben)


async def test_views_keep_slacks_limits(harness: BotHarness) -> None:
    """With 500 channels, 200 editions and 12,000 characters each view is one that Slack takes, by
    its documented limits and by its own library.
    """
    team = harness.workspace.team.team_id
    store = await open_store(harness.environment["DATABASE_URL"])
    hostile = ("<!channel> & *" * MAX_INSTRUCTIONS_CHARS)[:MAX_INSTRUCTIONS_CHARS]
    setup = ScopeSettings(hostile, "m" * 150, "mentions", tuple("&" * 300 for _ in range(4)))
    for channel in range(500):
        await store.add_revision(
            Scope(TeamId(team), ChannelId(f"C{channel}")),
            SettingsChange(UserId("UADA"), setup, after=0),
        )
    places = (Scope(TeamId(team)), Scope(TeamId(team), ChannelId(harness.general.id)))
    for number in range(200):
        for scope in places:
            text = f"{number}{hostile}"[:MAX_INSTRUCTIONS_CHARS]
            await store.add_revision(
                scope, SettingsChange(UserId("UADA"), replace(setup, text=text), after=number)
            )
    await store.add_revision(places[0], SettingsChange(UserId("UADA"), setup, after=200))
    await store.close()
    async with harness.running():
        tabs = HomeTabHarness(harness)
        harness.model.models = ["m" * 150, *(f"model-{number}" for number in range(500))]
        for person in (tabs.ada, harness.ben):
            await tabs.home(person)
        view = await tabs.form(tabs.ada)
        assert len(await harness.workspace.suggestions(tabs.ada, view, "slackbot_model")) == 100
        view = await tabs.form(tabs.ada, text="workspace")
        bea = harness.workspace.add_person("Bea", admin=True)
        theirs = await tabs.form(bea)
        await tabs.command(tabs.ada, "append &")
        await tabs.command(tabs.ada, "undo")
        await tabs.save(bea, theirs, text="&" * 3_000)
        harness.model.enqueue("&" * 20_000)
        question = filled(view, text="&" * 3_000, question="q")
        await harness.workspace.click(tabs.ada, view, "slackbot_try", filled=question)
        await harness.workspace.until(lambda: "&&&" in tabs.said(tabs.ada))
        home = harness.workspace.views.homes[tabs.ada.id]
        await harness.workspace.click(tabs.ada, home, "slackbot_edit_prompts")
        await harness.workspace.until(lambda: "prompt_1" in fields(tabs.on_top(tabs.ada)))
        assert len(await tabs.command(tabs.ada, "history")) < 12_000
    shown = harness.workspace.views.history
    assert len(shown) > 8
    for view in shown:
        content = {key: view[key] for key in ("type", "title", "submit", "close", "blocks")}
        check_view(content)
        View(**content, private_metadata=view["private_metadata"]).to_dict()
