"""The Home tab and the suggested prompts, over the real wire."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from functools import partial

import pytest
from slack_sdk.models.views import View

from slackbot.instructions.scopes import LIMIT, Scope, ScopeSettings
from slackbot.playground.fake_slack.faults import Fault
from slackbot.playground.fake_slack.members import Person
from slackbot.playground.fake_slack.message_checks import check_view
from slackbot.store import open_store
from tests.harness import Stage
from tests.instructions_harness import Office, field, filled


class HomeTabHandler(Office):
    async def home(self, person: Person) -> str:
        """All that the Home tab says to a person who opens it."""
        workspace, published = self.stage.workspace, self.published
        await workspace.open_home(person)
        await workspace.until(lambda: self.published > published)
        return self.seen(person)

    @property
    def published(self) -> int:
        calls = self.stage.workspace.calls
        return sum(call.method == "views.publish" and call.status == 200 for call in calls)

    def seen(self, person: Person) -> str:
        return json.dumps(self.stage.workspace.views.homes[person.id]["blocks"])


@pytest.fixture
async def lobby(stage: Stage) -> AsyncIterator[HomeTabHandler]:
    async with stage.playing():
        yield HomeTabHandler(stage)


async def test_what_holds_where(lobby: HomeTabHandler) -> None:
    """For an admin: all that is set, by whom, and a button for each to edit it."""
    await lobby.order(lobby.ada, "workspace set You are a parrot.")
    await lobby.order(lobby.ada, "set You are a captain.")
    seen = await lobby.home(lobby.ada)
    assert "You are a parrot." in seen
    assert "You are a captain." in seen
    assert f"<#{lobby.stage.general.id}>" in seen
    assert f"<@{lobby.ada.id}>" in seen
    assert seen.count('"slackbot_edit"') == 2


@pytest.mark.parametrize("who", ["ben", "gus", "eve"])
async def test_how_to_ask(lobby: HomeTabHandler, who: str) -> None:
    """For others: an example to copy, and what is set; not what it says in channels in which they
    perhaps are not; and nothing to press.
    """
    person = lobby.stage.ben if who == "ben" else getattr(lobby, who)
    await lobby.order(lobby.ada, "set You are a captain.")
    seen = await lobby.home(person)
    assert "```@assistant What is" in seen
    assert "You are a pirate." in seen
    assert f"<#{lobby.stage.general.id}>" in seen
    assert "captain" not in seen
    assert "button" not in seen


async def test_it_is_kept_current(lobby: HomeTabHandler) -> None:
    """Whoever looks at it sees a change at once, wherever it was made."""
    for person in (lobby.ada, lobby.stage.ben):
        await lobby.home(person)
    await lobby.order(lobby.ada, "workspace set You are a parrot.")
    await lobby.stage.workspace.until(
        lambda: all("parrot" in lobby.seen(each) for each in (lobby.ada, lobby.stage.ben))
    )
    await lobby.save(lobby.ada, await lobby.form(lobby.ada), text="You are a captain.")
    await lobby.stage.workspace.until(lambda: "captain" in lobby.seen(lobby.ada))


async def test_editing_from_there(lobby: HomeTabHandler) -> None:
    """The buttons open the form for the workspace, or for the channel."""
    await lobby.order(lobby.ada, "set You are a captain.")
    await lobby.home(lobby.ada)
    workspace = lobby.stage.workspace
    home = workspace.views.homes[lobby.ada.id]

    def newer_than(seen: int) -> bool:
        return len(workspace.views.history) > seen

    for value, text in (("workspace", "You are a pirate."), ("", "You are a captain.")):
        seen = len(workspace.views.history)
        value = value or lobby.stage.general.id  # noqa: PLW2901 - known only here
        await workspace.click(lobby.ada, home, "slackbot_edit", value)
        await workspace.until(partial(newer_than, seen))
        assert field(lobby.on_top(lobby.ada), "text")["initial_value"] == text
        assert "(number" in await lobby.save(
            lobby.ada, lobby.on_top(lobby.ada), text=f"{text} Always."
        )


async def test_a_forged_press(lobby: HomeTabHandler) -> None:
    """Who may not edit is told so, however they came to press the button."""
    await lobby.home(lobby.ada)
    home = lobby.stage.workspace.views.homes[lobby.ada.id]
    for button in ("slackbot_edit", "slackbot_edit_prompts"):
        lobby.stage.workspace.views.modals.clear()
        await lobby.stage.workspace.click(lobby.stage.ben, home, button)
        await lobby.stage.workspace.until(lambda: lobby.stage.workspace.views.modals)
        assert "You may not change" in lobby.said(lobby.stage.ben)


async def test_suggested_prompts(lobby: HomeTabHandler) -> None:
    """An admin writes up to four; people see them above an empty conversation with the bot."""
    workspace, ben = lobby.stage.workspace, lobby.stage.ben
    await lobby.home(lobby.ada)
    home = workspace.views.homes[lobby.ada.id]
    await workspace.click(lobby.ada, home, "slackbot_edit_prompts")
    await workspace.until(lambda: workspace.views.modals.get(lobby.ada.id))
    long = "Summarise what was said in the thread that I paste here, in five lines at the most."
    said = await lobby.save(
        lobby.ada, lobby.on_top(lobby.ada), prompt_1="What's new?", prompt_2=" ", prompt_4=long
    )
    assert "Suggested prompts: What's new? · Summarise" in said
    await workspace.open_home(ben, "messages")
    await workspace.until(lambda: workspace.prompts)
    assert workspace.prompts[workspace.direct_message(ben).id, ""] == [
        {"title": "What's new?", "message": "What's new?"},
        {"title": long[:74] + "…", "message": long},
    ]
    await workspace.until(lambda: "What's new?" in lobby.seen(lobby.ada))
    assert "number 2" in await lobby.order(lobby.ada, "workspace undo")


async def test_prompts_of_two_admins_at_once(lobby: HomeTabHandler) -> None:
    """Who saves second is asked, and keeps what they wrote."""
    workspace = lobby.stage.workspace
    bea = workspace.add_person("Bea", admin=True)
    for person in (lobby.ada, bea):
        await lobby.home(person)
        await workspace.click(person, workspace.views.homes[person.id], "slackbot_edit_prompts")
        await workspace.until(partial(workspace.views.modals.get, person.id))
    await lobby.save(bea, lobby.on_top(bea), prompt_1="Hers?")
    assert "while you were writing" in await lobby.save(
        lobby.ada, lobby.on_top(lobby.ada), prompt_1="His?"
    )
    assert field(lobby.on_top(lobby.ada), "prompt_1")["initial_value"] == "His?"
    assert "number 2" in await lobby.save(lobby.ada, lobby.on_top(lobby.ada))


async def test_no_prompts(lobby: HomeTabHandler) -> None:
    """Where none were written, none are asked for."""
    await lobby.stage.workspace.open_home(lobby.stage.ben, "messages")
    await lobby.home(lobby.stage.ben)
    assert not lobby.stage.workspace.prompts


async def test_slack_fails(lobby: HomeTabHandler) -> None:
    """A tab that could not be shown is shown once Slack works again."""
    lobby.stage.workspace.faults.add("views.publish", Fault.status(500))
    await lobby.home(lobby.stage.ben)


async def test_views_keep_slacks_limits(stage: Stage) -> None:
    """With 500 channels, 200 editions and 12,000 characters each view is one that Slack takes, by
    its documented limits and by its own library.
    """
    team = stage.workspace.team.team_id
    store = await open_store(stage.environment["DATABASE_URL"])
    hostile = ("<!channel> & *" * LIMIT)[:LIMIT]
    setup = ScopeSettings(hostile, "m" * 150, "mentions", tuple("&" * 300 for _ in range(4)))
    for channel in range(500):
        await store.amend(Scope(team, f"C{channel}"), "UADA", setup, after=0)
    places = (Scope(team), Scope(team, stage.general.id))
    for number in range(200):
        for scope in places:
            text = f"{number}{hostile}"[:LIMIT]
            await store.amend(scope, "UADA", replace(setup, text=text), after=number)
    await store.amend(places[0], "UADA", setup, after=200)
    await store.close()
    async with stage.playing():
        lobby = HomeTabHandler(stage)
        stage.model.models = ["m" * 150, *(f"model-{number}" for number in range(500))]
        for person in (lobby.ada, stage.ben):
            await lobby.home(person)
        view = await lobby.form(lobby.ada)
        assert len(await stage.workspace.suggestions(lobby.ada, view, "slackbot_model")) == 100
        view = await lobby.form(lobby.ada, words="workspace")
        bea = stage.workspace.add_person("Bea", admin=True)
        theirs = await lobby.form(bea)
        await lobby.order(lobby.ada, "append &")
        await lobby.order(lobby.ada, "undo")
        await lobby.save(bea, theirs, text="&" * 3_000)
        stage.model.enqueue("&" * 20_000)
        question = filled(view, text="&" * 3_000, question="q")
        await stage.workspace.click(lobby.ada, view, "slackbot_try", filled=question)
        await stage.workspace.until(lambda: "&&&" in lobby.said(lobby.ada))
        home = stage.workspace.views.homes[lobby.ada.id]
        await stage.workspace.click(lobby.ada, home, "slackbot_edit_prompts")
        await stage.workspace.until(lambda: "slackbot_prompts" in str(lobby.on_top(lobby.ada)))
        assert len(await lobby.order(lobby.ada, "history")) < 12_000
    shown = stage.workspace.views.history
    assert len(shown) > 8
    for view in shown:
        content = {key: view[key] for key in ("type", "title", "submit", "close", "blocks")}
        check_view(content)
        View(**content, private_metadata=view["private_metadata"]).to_dict()
