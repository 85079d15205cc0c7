"""What one replica takes in has its effect, whichever replica owns the workspace."""

import json

import pytest

from slackbot.playground.fake_openai.script import calls, says
from slackbot.workspaces import waker
from tests.app.pair import pair_of_tasks
from tests.harness import BotHarness, echo
from tests.instructions_harness import InstructionsHarness
from tests.slack.test_home_tab import HomeTabHarness
from tests.tools import sample_tools


async def test_a_conversation(shared: BotHarness) -> None:
    """Each message of a dialog reaches another replica, and the one owner answers all."""
    async with pair_of_tasks(shared) as pair:
        shared.model.enqueue("Ahoy", "Aye", "Arr")
        question = await shared.mention("one")
        await shared.answered(question, "Ahoy")
        for replica, text, answers in (
            (pair.owner, "two", ("Ahoy", "Aye")),
            (pair.other, "three", ("Ahoy", "Aye", "Arr")),
        ):
            pair.deliver_to(replica)
            await shared.workspace.say(shared.ana, shared.general, text, thread=question.ts)
            await shared.answered(question, *answers)
        assert [said for _, _, said in shared.history()][::2] == ["one", "two", "three"]
        await shared.all_acknowledged()


@pytest.mark.parametrize("streaming", ["edit", "native"])
async def test_stop(shared: BotHarness, streaming: str) -> None:
    """The bot's Stop and Slack's own reach the replica that answers."""
    async with pair_of_tasks(shared, {"SLACKBOT_STREAMING": streaming}) as pair:
        shared.model.enqueue(says("one two three").held(after=1))
        question = await shared.mention("count")
        await shared.workspace.until(lambda: shared.can_stop(question))
        assert pair.owner.service.bot.is_busy()
        assert not pair.other.service.bot.is_busy()
        await shared.stop(shared.ana, question)
        await shared.finished(question)
        await shared.all_acknowledged()


async def test_stop_needs_no_polling(shared: BotHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    """A notification alone tells the owner: it asks the database by itself only an hour later."""
    monkeypatch.setattr(waker, "POLL_SECONDS", 3600.0)
    monkeypatch.setattr(waker, "FREQUENT_POLL_SECONDS", 3600.0)
    async with pair_of_tasks(shared):
        shared.model.enqueue(says("one two three").held(after=1))
        question = await shared.mention("count")
        await shared.stop(shared.ana, question)
        await shared.finished(question)


async def test_regenerate(shared: BotHarness) -> None:
    """The answer is written again, in its message."""
    async with pair_of_tasks(shared) as pair:
        shared.model.enqueue("Ahoy", "Aye")
        question = await shared.mention("hello")
        (before,) = await shared.answered(question, "Ahoy")
        await pair.owner.service.bot.idle()
        await shared.press(shared.ana, question, "again")
        (after,) = await shared.answered(question, "Aye")
        assert after.ts == before.ts


async def test_an_approval(shared: BotHarness) -> None:
    """The owner's question is answered at the other replica, and the tool runs once."""
    sample_tools.runs.clear()
    async with pair_of_tasks(shared, {"SLACKBOT_TOOLS": "tests.tools.sample_tools"}):
        shared.model.enqueue(calls("sink", json.dumps({"ship": "Ann"})), "It is gone.")
        question = await shared.mention("sink the Ann")
        await shared.press(shared.ben, question, "confirm")  # tells him who may
        await shared.workspace.until(lambda: shared.workspace.ephemerals)
        await shared.press(shared.ana, question, "confirm")
        assert "It is gone." in (await shared.finished(question)).shown
        assert sample_tools.runs["sink"] == 1


async def test_an_edit(shared: BotHarness) -> None:
    """A question that changes while the owner answers it is answered as it is now."""
    async with pair_of_tasks(shared):
        shared.model.enqueue(says("one two three").held(after=1), "four")
        question = await shared.mention("three")
        await shared.workspace.until(lambda: shared.answers(question))
        await shared.workspace.edit(shared.ana, question, f"{shared.bot.mention} four?")
        await shared.answered(question, "four")


async def test_a_command(shared: BotHarness) -> None:
    """Instructions that are set at one replica hold at once in the answers of another."""
    team = InstructionsHarness(shared)
    async with pair_of_tasks(shared) as pair:
        assert await team.persona() == "You are a pirate."
        await team.command(team.ada, "set You are a parrot.")
        assert await team.persona() == "You are a parrot."
        pair.deliver_to(pair.owner)
        assert "You are a parrot." in await team.command(team.ada, "show")


async def test_a_form(shared: BotHarness) -> None:
    """A form that one replica opens is saved by another."""
    team = InstructionsHarness(shared)
    async with pair_of_tasks(shared) as pair:
        for opener, saver, text in (
            (pair.other, pair.owner, "You are a parrot."),
            (pair.owner, pair.other, "You are a captain."),
        ):
            pair.deliver_to(opener)
            view = await team.form(team.ada)
            pair.deliver_to(saver)
            await team.save(team.ada, view, text=text)
            assert await team.persona() == text


async def test_the_home_tab(shared: BotHarness) -> None:
    """It shows what was set at another replica, and its buttons work everywhere."""
    tabs = HomeTabHarness(shared)
    async with pair_of_tasks(shared) as pair:
        pair.deliver_to(pair.owner)
        assert "You are a parrot." not in await tabs.home(tabs.ada)
        await tabs.command(tabs.ada, "set You are a parrot.")
        pair.deliver_to(pair.other)
        assert "You are a parrot." in await tabs.home(tabs.ada)
        home = shared.workspace.views.homes[tabs.ada.id]
        pair.deliver_to(pair.owner)
        await shared.workspace.click(tabs.ada, home, "slackbot_edit", shared.general.id)
        await shared.workspace.until(lambda: shared.workspace.views.modals.get(tabs.ada.id))
        view = tabs.on_top(tabs.ada)
        pair.deliver_to(pair.other)
        await tabs.save(tabs.ada, view, text="You are a captain.")
        await shared.workspace.until(lambda: "You are a captain." in tabs.seen(tabs.ada))


async def test_suggested_prompts(shared: BotHarness) -> None:
    """What an admin saves at one replica is shown by the next one."""
    tabs = HomeTabHarness(shared)
    async with pair_of_tasks(shared) as pair:
        await tabs.home(tabs.ada)
        home = shared.workspace.views.homes[tabs.ada.id]
        await shared.workspace.click(tabs.ada, home, "slackbot_edit_prompts")
        await shared.workspace.until(lambda: shared.workspace.views.modals.get(tabs.ada.id))
        pair.deliver_to(pair.owner)
        await tabs.save(tabs.ada, tabs.on_top(tabs.ada), prompt_1="What's new?")
        pair.deliver_to(pair.other)
        await shared.workspace.open_home(shared.ben, "messages")
        await shared.workspace.until(lambda: shared.workspace.prompts)
        (prompts,) = shared.workspace.prompts.values()
        assert "What's new?" in str(prompts)


async def test_a_follow_up_that_overtakes_its_mention(shared: BotHarness) -> None:
    """A message that one replica receives before another receives the mention is answered too."""
    async with pair_of_tasks(shared) as pair, shared.workspace.hold_events() as held:
        question = await shared.mention("one")
        await shared.workspace.say(shared.ana, shared.general, "two", thread=question.ts)
        mention = [each for each in held if each.event["ts"] == question.ts]
        follow_up = [each for each in held if each not in mention]
        for each in follow_up:
            await shared.workspace.release(each)
        pair.deliver_to(pair.owner)
        for each in mention:
            await shared.workspace.release(each)
        await shared.workspace.until(lambda: "two" in str(shared.model.requests))


async def test_what_was_said_before_the_mention(shared: BotHarness) -> None:
    """A message that one replica has overheard stays unanswered if the mention came later."""
    shared.model.answer = echo
    async with pair_of_tasks(shared) as pair:
        root = await shared.workspace.say(shared.ben, shared.general, "Lunch?")
        await shared.workspace.say(shared.ben, shared.general, "Anyone?", thread=root.ts)
        pair.deliver_to(pair.owner)
        await shared.mention("what is for lunch", thread=root.ts)
        await shared.workspace.until(lambda: len(shared.answers(root)) == 1)
        await pair.owner.service.bot.idle()  # the answer is whole
        await shared.workspace.say(shared.ana, shared.general, "and dinner", thread=root.ts)
        await shared.answered(root, shared.answers(root)[0].shown, "To: and dinner.")
        await pair.owner.service.bot.idle()
        assert len(shared.answers(root)) == 2
