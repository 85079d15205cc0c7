"""The form behind `/instructions`: opened, switched, tried, saved, over the real wire."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from slackbot.conversation.ids import ChannelId, TeamId
from slackbot.errors import OutdatedFormError, UnopenedFormError
from slackbot.instructions import texts
from slackbot.instructions.limits import MAX_INSTRUCTIONS_CHARS
from slackbot.instructions.scopes import Scope
from slackbot.playground.fake_openai.script import Script, fails, says
from slackbot.playground.fake_slack.faults import Fault, FaultAnswer
from slackbot.slack.texts import CHANNEL_NOT_TOLD, SAVING_TAKES_LONG
from slackbot.turns.texts import SWITCHED_OFF as OFF
from tests import sample_files
from tests.harness import BotHarness
from tests.instructions_harness import InstructionsHarness, field, fields, filled, view_text
from tests.store.rows import file_of, locked, occurrences

OUTDATED = OutdatedFormError().user_message


@pytest.fixture
async def team(harness: BotHarness) -> AsyncIterator[InstructionsHarness]:
    async with harness.running():
        harness.model.models = ["gpt-6-luna", "gpt-6.2-sol", "stand-in", "text-embedding-4"]
        yield InstructionsHarness(harness)


async def test_the_command_alone_opens_a_form(team: InstructionsHarness) -> None:
    """It shows what holds in this channel and where that comes from, to start from."""
    await team.command(team.ada, "workspace set You are a parrot.")
    view = await team.form(team.ada)
    assert field(view, "text")["initial_value"] == "You are a parrot."
    assert "uses the instructions of the workspace" in view_text(view)
    assert field(view, "scope")["initial_option"]["value"] == "channel"
    assert field(view, "answering")["initial_option"]["value"] == "follow-ups"
    assert field(view, "model")["initial_option"]["text"]["text"] == "Default (stand-in)"


async def test_saving_says_what_has_changed(team: InstructionsHarness) -> None:
    """To whoever saved it alone, and it holds from the next request on, in running threads too."""
    harness = team.harness
    root = await harness.verify_dialog([(f"{harness.bot.mention} hello", "Ahoy")])
    view = await team.form(team.ada)
    said = await team.save(
        team.ada, view, text="You are a poet.", model="gpt-6.2-sol", answering="mentions"
    )
    assert "version 1" in said
    assert "• Instructions: You are a poet." in said
    assert "• Model: `gpt-6.2-sol`" in said
    assert "• Replies to: mentions only" in said
    assert not harness.workspace.ephemerals
    harness.model.enqueue("Rose.")
    await harness.mention("and now?", thread=root.ts)
    await harness.answered(root, "Ahoy", "Rose.")
    assert harness.model.requests[-1]["model"] == "gpt-6.2-sol"
    assert harness.model.requests[-1]["messages"][0]["content"].startswith("You are a poet.")


async def test_what_was_left_as_it_was_is_not_set(team: InstructionsHarness) -> None:
    """What a channel inherits goes on to follow the workspace."""
    view = await team.form(team.ada)
    assert texts.unchanged(Scope(TeamId("T"), ChannelId("C"))) in await team.save(team.ada, view)
    view = await team.form(team.ada)
    await team.save(team.ada, view, answering="mentions")
    await team.command(team.ada, "workspace set You are a parrot.")
    assert await team.persona() == "You are a parrot."


async def test_the_whole_workspace(team: InstructionsHarness) -> None:
    """An admin switches the form over, and sees what is set there."""
    await team.command(team.ada, "set You are a captain.")
    view = await team.form(team.ada)
    await team.harness.workspace.click(team.ada, view, "slackbot_scope", "workspace")
    await team.harness.workspace.until(
        lambda: field(team.on_top(team.ada), "text")["initial_value"] == "You are a pirate."
    )
    said = await team.save(team.ada, team.on_top(team.ada), text="You are a parrot.")
    assert "Saved version 1 for the whole workspace" in said
    assert await team.persona() == "You are a captain."
    assert await team.persona(team.random) == "You are a parrot."
    view = await team.form(team.ada, text="workspace")
    assert field(view, "scope")["initial_option"]["value"] == "workspace"


async def test_what_was_written_for_the_other_scope(team: InstructionsHarness) -> None:
    """Who decides while writing that it is for all keeps the text; the rest is as it is there."""
    workspace = team.harness.workspace
    await team.save(team.ada, await team.form(team.ada), answering="mentions")
    view = await team.form(team.ada)
    values = filled(view, text="You are a poet.", question="A line?")
    await workspace.click(team.ada, view, "slackbot_scope", "workspace", filled=values)
    await workspace.until(lambda: "text-workspace" in json.dumps(team.on_top(team.ada)))
    view = team.on_top(team.ada)
    assert field(view, "text")["initial_value"] == "You are a poet."
    assert field(view, "question")["initial_value"] == "A line?"
    assert field(view, "answering")["initial_option"]["value"] == "follow-ups"
    said = await team.save(team.ada, view)
    assert "Saved version 1 for the whole workspace" in said
    assert "Replies to" not in said


async def test_a_note_to_the_channel(team: InstructionsHarness) -> None:
    """If the box is ticked, the channel is told who has changed it; nobody is pinged."""
    view = await team.form(team.ada)
    await team.save(team.ada, view, text="You are a poet.", note=["note"])
    (note,) = [each for each in team.harness.workspace.messages.values() if not each.thread_ts]
    assert note.shown.startswith("Ada changed")
    assert team.harness.model.requests == []


@pytest.mark.parametrize(("mode", "answered"), [("mentions", 1), ("never", 0), ("follow-ups", 2)])
async def test_what_is_answered(team: InstructionsHarness, mode: str, answered: int) -> None:
    """Mentions and what is asked on; mentions alone, the rest is remembered; nothing."""
    harness = team.harness
    view = await team.form(team.ada)
    await team.save(team.ada, view, answering=mode)
    harness.model.enqueue("one", "two", "three")
    root = await harness.mention("first")
    await harness.service.bot.idle()
    await harness.workspace.say(harness.ana, harness.general, "second", thread=root.ts)
    await harness.service.bot.idle()
    assert len(harness.answers(root)) == answered
    if mode == "mentions":
        await harness.mention("third", thread=root.ts)
        await harness.answered(root, "one", "two")
        assert [said for _, _, said in harness.history()] == ["first", "one", "second", "third"]


async def test_switched_off(team: InstructionsHarness) -> None:
    """Who mentions the bot there is told so, once and alone; nothing is kept of what was said."""
    harness = team.harness
    await team.save(team.ada, await team.form(team.ada), answering="never")
    await harness.mention("a secret")
    await harness.workspace.until(lambda: harness.workspace.ephemerals)
    await harness.all_acknowledged()
    (told,) = harness.workspace.ephemerals
    assert "switched me off" in told.text
    assert told.thread_ts is None  # nobody would see it in a thread without a reply
    assert harness.model.requests == []
    assert occurrences(file_of(harness.environment["DATABASE_URL"]), "a secret") == 0
    await team.command(team.ada, "undo")
    assert await team.persona() == "You are a pirate."


async def test_switched_off_while_a_question_waits(team: InstructionsHarness) -> None:
    """The reply under way is finished; who waits is told, alone, that no other one comes."""
    harness = team.harness
    harness.model.enqueue(says("one two").held(after=1))
    root = await harness.mention("count")
    await harness.answered(root, "one")
    await harness.workspace.say(
        harness.ben, harness.general, f"{harness.bot.mention} and then?", thread=root.ts
    )
    await harness.workspace.say(harness.ana, harness.general, "well?", thread=root.ts)
    await team.save(team.ada, await team.form(team.ada), answering="never")
    harness.model.release()
    await harness.answered(root, "one two")
    await harness.workspace.until(lambda: harness.workspace.ephemerals)
    await harness.service.bot.idle()
    assert [(each.user, each.text) for each in harness.workspace.ephemerals] == [
        (harness.ben.id, OFF)
    ]
    assert len(harness.model.requests) == 1


async def test_no_other_answer_where_it_is_switched_off(team: InstructionsHarness) -> None:
    """Regenerate says so, and an edited question stays as it was answered."""
    harness = team.harness
    root = await harness.verify_dialog([(f"{harness.bot.mention} hello", "Ahoy")])
    await team.save(team.ada, await team.form(team.ada), answering="never")
    await harness.press(harness.ana, root, "again")
    await harness.workspace.until(lambda: harness.workspace.ephemerals)
    assert harness.workspace.ephemerals[-1].text == OFF
    await harness.workspace.edit(harness.ana, root, f"{harness.bot.mention} goodbye")
    await harness.all_acknowledged()
    await harness.service.bot.idle()
    await harness.answered(root, "Ahoy")
    assert len(harness.model.requests) == 1


async def test_mentions_only_in_direct_messages(team: InstructionsHarness) -> None:
    """There each message is one to the bot; and who asks for another answer gets one."""
    harness = team.harness
    everywhere = await team.form(team.ada, text="workspace")
    await team.save(team.ada, everywhere, answering="mentions")
    harness.model.enqueue("one", "two", "three", "four")
    direct = harness.workspace.direct_message(harness.ana)
    root = await harness.workspace.say(harness.ana, direct, "first")
    await harness.answered(root, "one")
    second = await harness.workspace.say(harness.ana, direct, "second", thread=root.ts)
    await harness.answered(root, "one", "two")
    await harness.press(harness.ana, root, "again")
    await harness.answered(root, "one", "three")
    await harness.workspace.edit(harness.ana, second, "another second")
    await harness.answered(root, "one", "four")


async def test_who_may_not_sees_what_holds(team: InstructionsHarness) -> None:
    """A member, a guest and an outsider get no form; the member reads what applies."""
    assert "You are a pirate." in await team.command(team.harness.ben, "")
    for person in (team.gus, team.eve):
        assert await team.command(person, "") == texts.READERS_ONLY
    assert team.harness.workspace.views.history == []


async def test_who_was_named_for_a_channel(team: InstructionsHarness) -> None:
    """Gets the form for it, without a choice, and none for the workspace."""
    ben = team.harness.ben
    await team.command(team.ada, f"allow <@{ben.id}>")
    view = await team.form(ben)
    assert "scope" not in fields(view)
    assert "version 1" in await team.save(ben, view, text="You are Ben's.")
    assert "You are a pirate." in await team.command(ben, "workspace")


async def test_the_right_is_checked_again(team: InstructionsHarness) -> None:
    """Who may no longer when they save changes nothing."""
    ben = team.harness.ben
    await team.command(team.ada, f"allow <@{ben.id}>")
    view = await team.form(ben)
    await team.command(team.ada, f"disallow <@{ben.id}>")
    refused = texts.cannot_change(Scope(TeamId("T"), ChannelId("C")))
    assert await team.save(ben, view, text="You are Ben's.") == refused
    assert await team.persona() == "You are a pirate."


async def test_an_admin_who_is_one_no_longer(team: InstructionsHarness) -> None:
    """Slack is asked for the role again when the form is saved."""
    view = await team.form(team.ada)
    member = FaultAnswer(200, {"ok": True, "user": {"id": team.ada.id}}, {})
    team.harness.workspace.faults.add("users.info", Fault("answer", member))
    refused = texts.cannot_change(Scope(TeamId("T"), ChannelId("C")))
    assert await team.save(team.ada, view, text="Still mine.") == refused


async def test_forged_tickets(team: InstructionsHarness) -> None:
    """Another channel, or the workspace, in what a form carries gives no right to it."""
    ben = team.harness.ben
    await team.command(team.ada, f"allow <@{ben.id}>")
    view = await team.form(ben)
    metadata = json.loads(view["private_metadata"])
    for forged in ({"channel": team.random.id}, {"workspace": True}):
        view = await team.form(ben)
        forgery = json.dumps({**metadata, **forged})
        said = await team.save(ben, {**view, "private_metadata": forgery}, text="Mine.")
        assert said.startswith("You can't change")
    assert await team.persona(team.random) == "You are a pirate."


@pytest.mark.parametrize(
    "metadata", ["", "7", "{}", "[]", '{"v": 0}', '{"channel":"../x","workspace":false}', "nul\0"]
)
async def test_a_form_of_another_version(team: InstructionsHarness, metadata: str) -> None:
    """One sentence, and nothing changes."""
    view = await team.form(team.ada)
    said = await team.save(team.ada, {**view, "private_metadata": metadata}, text="Boo.")
    assert said == OUTDATED
    view = await team.form(team.ada)
    assert await team.save(team.ada, {**view, "callback_id": "old_form"}) == OUTDATED
    view = await team.form(team.ada)
    fewer = [each for each in view["blocks"] if "answering" not in fields({"blocks": [each]})]
    response = await team.harness.workspace.submit_view(team.ada, {**view, "blocks": fewer}, {})
    assert OUTDATED in json.dumps(response)
    assert await team.persona() == "You are a pirate."


@pytest.mark.parametrize(
    ("field", "state"),
    [
        ("text", {"value": ["x"]}),
        ("model", {"selected_option": {"value": 7}}),
        ("model", {"selected_option": {"value": "m" * 151}}),
        ("model", {"selected_option": None}),
        ("answering", {"selected_option": {"value": ["mentions"]}}),
        ("extras", {"selected_options": [{"value": "all"}]}),
        ("extras", {"selected_options": 7}),
    ],
)
async def test_forged_fields(team: InstructionsHarness, field: str, state: dict[str, Any]) -> None:
    """What no menu offers is none of this form's; it is acknowledged, and nothing changes."""
    view = await team.form(team.ada)
    values = {f"{field}-channel": {f"slackbot_{field}": state}}
    response = await team.harness.workspace.submit_view(team.ada, view, values)
    assert OUTDATED in json.dumps(response)
    assert "Nothing has been set" in await team.command(team.ada, "history")


async def test_noise_beside_the_fields(team: InstructionsHarness) -> None:
    """What a form does not ask for is left alone."""
    view = await team.form(team.ada)
    values: Any = {
        "question": {"slackbot_question": {}},
        "note": {"slackbot_note": ["note"], "more": {"value": 7}},
        "noise": {"slackbot_noise": None},
    }
    values |= filled(view, text="You are a poet.")
    response = await team.harness.workspace.submit_view(team.ada, view, values)
    assert "version 1" in json.dumps(response)


async def test_handed_in_twice(team: InstructionsHarness) -> None:
    """It is saved once, says so each time, and the channel is told once."""
    workspace = team.harness.workspace
    view = await team.form(team.ada)
    values = filled(view, text="You are a poet.", note=["note"])
    presses = [workspace.submit_view(team.ada, dict(view), values) for _ in range(3)]
    responses = await asyncio.gather(*presses)
    assert ["version 1" in json.dumps(each) for each in responses] == [True] * 3
    assert len(workspace.messages) == 1
    assert "2." not in await team.command(team.ada, "history")


async def test_two_forms_of_one_person(team: InstructionsHarness) -> None:
    """Who saves an older one with something else in it is asked, as anybody is."""
    first, second = dict(await team.form(team.ada)), dict(await team.form(team.ada))
    await team.save(team.ada, first, text="One.")
    assert "while you were writing" in await team.save(team.ada, second, text="Two.")


async def test_slack_markup_in_the_text(team: InstructionsHarness) -> None:
    """It is read: no escapes and codes of Slack's, names for mentions."""
    ben = team.harness.ben.id
    view = await team.form(team.ada)
    await team.save(team.ada, view, text=f"Ask <@{ben}> &amp; see <https://x.y|this> &lt;3\x00.")
    assert await team.persona() == "Ask @Ben & see this (https://x.y) <3."


async def test_two_admins_at_once(team: InstructionsHarness) -> None:
    """Who saves second is shown the other's text and asked; their own is not lost."""
    bea = team.harness.workspace.add_person("Bea", admin=True)
    hers, his = await team.form(team.ada), await team.form(bea)
    await team.save(bea, his, text="By <Bea>.")
    said = await team.save(team.ada, hers, text="By Ada.", answering="mentions")
    assert "changed these settings while you were writing" in said
    assert f"<@{bea.id}>" in said
    assert "By &lt;Bea&gt;." in said
    assert await team.persona() == "By <Bea>."
    asked = team.on_top(team.ada)
    assert field(asked, "text")["initial_value"] == "By Ada."
    assert field(asked, "answering")["initial_option"]["value"] == "mentions"
    assert "version 2" in await team.save(team.ada, asked)
    assert await team.persona() == "By Ada."


@pytest.mark.parametrize("text", ["", " \n\t ", "\x00\x01"])
async def test_nothing_in_it(team: InstructionsHarness, text: str) -> None:
    """The sentence stands at the field, and the form stays open."""
    view = await team.form(team.ada)
    response = await team.harness.workspace.submit_view(team.ada, view, filled(view, text=text))
    assert "The instructions are empty" in json.dumps(response)
    assert await team.persona() == "You are a pirate."


async def test_long_instructions(team: InstructionsHarness) -> None:
    """What a field can't hold is shown and said; the rest of the form still works."""
    for part in range(6):
        await team.command(team.ada, f"{'append' if part else 'set'} " + f"{part}" * 1_999)
    assert len(await team.persona()) == MAX_INSTRUCTIONS_CHARS - 1
    view = await team.form(team.ada)
    assert "11,999 characters" in view_text(view)
    assert "initial_value" not in field(view, "text")
    await team.save(team.ada, view, answering="mentions")
    assert len(await team.persona()) == MAX_INSTRUCTIONS_CHARS - 1
    view = await team.form(team.ada)
    await team.save(team.ada, view, text="Short.")
    assert await team.persona() == "Short."


async def test_instructions_out_of_a_file(team: InstructionsHarness) -> None:
    """What stands in an uploaded file counts, also if it is more than a field takes."""
    workspace = team.harness.workspace
    text = "You are a poet.\n" + "Rose. " * 1_900
    file = workspace.share(team.ada, "poet.md", text.encode(), "text/markdown")
    view = await team.form(team.ada)
    assert "version 1" in await team.save(team.ada, view, text="Never mind.", file=[file])
    assert await team.persona() == text.strip()


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("long.txt", b"x" * 12_001, "12,001 characters"),
        ("longer.txt", b"x" * 100_000, "characters. The limit is 12,000"),
        ("empty.txt", b"", "is empty"),
        ("noise.txt", bytes(range(256)), "is not a kind of file that I can read"),
        ("blank.txt", b" \n ", "no text"),
        ("clip.txt", sample_files.recording(), "There is no text in"),
    ],
)
async def test_files_that_are_no_instructions(
    team: InstructionsHarness, name: str, content: bytes, sentence: str
) -> None:
    """Each gets one sentence and changes nothing."""
    file = team.harness.workspace.share(team.ada, name, content, "text/plain")
    view = await team.form(team.ada)
    assert sentence in await team.save(team.ada, view, file=[file])
    assert await team.persona() == "You are a pirate."


async def test_a_forged_file(team: InstructionsHarness) -> None:
    """A file that was shared elsewhere is not read for somebody who names it."""
    workspace = team.harness.workspace
    file = workspace.share(team.ada, "secret.txt", b"The secret.", "text/plain")
    await workspace.say(team.harness.ana, team.random, "look", files=[file])
    view = await team.form(team.ada)
    assert "not shared here" in await team.save(team.ada, view, file=[file])
    assert await team.persona() == "You are a pirate."


async def test_models_to_choose_from(team: InstructionsHarness) -> None:
    """The server's own list, without those that can't talk, searched by what is typed."""
    workspace = team.harness.workspace
    view = await team.form(team.ada)
    offered = await workspace.suggestions(team.ada, view, "slackbot_model")
    assert [each["text"]["text"] for each in offered] == [
        "Default (stand-in)",
        "gpt-6-luna",
        "gpt-6.2-sol",
        "stand-in",
    ]
    offered = await workspace.suggestions(team.ada, view, "slackbot_model", "SOL")
    assert [each["value"] for each in offered] == ["gpt-6.2-sol"]
    team.harness.model.models = [f"model-{number}" for number in range(500)]


async def test_a_model_that_does_not_exist(team: InstructionsHarness) -> None:
    """It is refused by name, and what was written is not lost."""
    view = await team.form(team.ada)
    said = await team.save(team.ada, view, text="You are a poet.", model="gpt-9")
    assert "no model `gpt-9`" in said
    assert field(team.on_top(team.ada), "model")["initial_option"]["value"] == "gpt-9"
    said = await team.save(team.ada, team.on_top(team.ada), model="<!channel>")
    assert "<!" not in said
    assert field(team.on_top(team.ada), "text")["initial_value"] == "You are a poet."
    assert await team.persona() == "You are a pirate."
    await team.save(team.ada, team.on_top(team.ada), model="gpt-6-luna")
    assert await team.persona() == "You are a poet."
    assert team.harness.model.requests[-1]["model"] == "gpt-6-luna"


async def test_trying_it(team: InstructionsHarness) -> None:
    """The model answers as it would once it was saved; nothing is saved or said in Slack."""
    harness = team.harness
    harness.model.enqueue("Roses are red.")
    view = await team.form(team.ada)
    question = filled(view, text="You are a poet.", question="A line?", model="gpt-6-luna")
    await harness.workspace.click(team.ada, view, "slackbot_try", filled=question)
    await harness.workspace.until(lambda: "Roses are red." in team.said(team.ada))
    request = harness.model.requests[-1]
    assert request["model"] == "gpt-6-luna"
    assert request["messages"][0]["content"].startswith("You are a poet.")
    assert request["messages"][1] == {"role": "user", "content": "A line?"}
    assert not harness.workspace.messages
    assert await team.persona() == "You are a pirate."
    try_instructions = team.on_top(team.ada)
    assert field(try_instructions, "text")["initial_value"] == "You are a poet."
    assert "version 1" in await team.save(team.ada, try_instructions)


async def test_trying_does_not_hide_another_admins_change(team: InstructionsHarness) -> None:
    """A form stays the one that was opened, whatever was tried in it."""
    bea = team.harness.workspace.add_person("Bea", admin=True)
    view = await team.form(team.ada)
    await team.save(bea, await team.form(bea), text="By Bea.")
    team.harness.model.enqueue("Well.")
    question = filled(view, text="By Ada.", question="Well?")
    await team.harness.workspace.click(team.ada, view, "slackbot_try", filled=question)
    await team.harness.workspace.until(lambda: "Well." in team.said(team.ada))
    said = await team.save(team.ada, team.on_top(team.ada))
    assert "changed these settings while you were writing" in said


@pytest.mark.parametrize(
    ("text", "question", "script", "shown"),
    [
        ("You are a poet.", " ", "", texts.ENTER_A_QUESTION),
        (" ", "A line?", "", "The instructions are empty"),
        (
            "You are a poet.",
            "A line?",
            fails(401),
            "refused this bot's API",
        ),
        ("You are a poet.", "A line?", says("Half a").dropped(after=2), "Half a"),
        ("You are a poet.", "A line?", "<!channel> " * 2_000, "<!channel>"),
    ],
)
async def test_what_can_go_wrong_with_a_try(
    team: InstructionsHarness, text: str, question: str, script: Script | str, shown: str
) -> None:
    """One sentence in the modal, and the form goes on; what the model says pings nobody there."""
    workspace = team.harness.workspace
    if script:
        team.harness.model.enqueue(script, script)
    view = await team.form(team.ada)
    await workspace.click(
        team.ada,
        view,
        "slackbot_try",
        filled=filled(view, text=text, question=question),
    )
    await workspace.until(lambda: shown in team.said(team.ada))
    answers = [block for block in team.on_top(team.ada)["blocks"][-4:] if "text" in block]
    assert all(each["text"]["type"] == "plain_text" for each in answers)


async def test_a_trial_of_somebody_who_may_not(team: InstructionsHarness) -> None:
    """Costs nothing: the model is not asked."""
    ben = team.harness.ben
    await team.command(team.ada, f"allow <@{ben.id}>")
    view = await team.form(ben)
    await team.command(team.ada, f"disallow <@{ben.id}>")
    question = filled(view, question="A line?")
    await team.harness.workspace.click(ben, view, "slackbot_try", filled=question)
    await team.harness.workspace.until(lambda: "You can't change" in team.said(ben))
    assert team.harness.model.requests == []


async def test_where_the_bot_is_not(team: InstructionsHarness) -> None:
    """No form opens there."""
    away = team.harness.workspace.add_channel("away", members=[team.ada], with_bot=False)
    assert await team.command(team.ada, "", away) == texts.NOT_IN_CHANNEL


async def test_when_slack_does_not_say(team: InstructionsHarness) -> None:
    """Then no form opens, and nothing is saved."""
    workspace = team.harness.workspace
    workspace.faults.add("users.info", Fault.status(500), times=4)
    assert await team.command(team.ada, "") == texts.PERMISSIONS_UNKNOWN
    view = await team.form(team.ada)
    workspace.faults.add("conversations.info", Fault.status(500), times=4)
    await team.save(team.ada, view, text="Boo <!channel>.")
    told = [texts.PERMISSIONS_UNKNOWN, "What you wrote:", "Boo <!channel>."]
    await workspace.until(lambda: team.said(team.ada).splitlines() == told)
    assert "Nothing has been set" in await team.command(team.ada, "history")


async def test_a_note_that_slack_does_not_take(team: InstructionsHarness) -> None:
    """Whoever saved the form is told that the channel does not know."""
    view = await team.form(team.ada)
    team.harness.workspace.faults.add("chat.postMessage", Fault.error("is_archived"))
    said = await team.save(team.ada, view, text="You are a poet.", note=["note"])
    assert "version 1" in said
    assert said.endswith(CHANNEL_NOT_TOLD)


async def test_a_channel_that_is_archived(team: InstructionsHarness) -> None:
    """A form that was opened before changes nothing and says so; no text is lost."""
    view = await team.form(team.ada)
    team.harness.general.archived = True
    said = await team.save(team.ada, view, text="You are a poet.", note=["note"])
    assert said.splitlines() == [texts.ARCHIVED_CHANNEL, "What you wrote:", "You are a poet."]
    team.harness.general.archived = False
    assert "Nothing has been set" in await team.command(team.ada, "history")


@pytest.mark.parametrize("fault", [Fault.rate_limited(), Fault.status(500), Fault.reset_before()])
async def test_what_is_shown_in_a_form_is_shown_in_the_end(
    team: InstructionsHarness, fault: Fault
) -> None:
    """A modal that Slack does not take at once is asked of it again."""
    workspace = team.harness.workspace
    team.harness.model.enqueue("Roses are red.")
    view = await team.form(team.ada)
    workspace.faults.add("views.update", fault)
    question = filled(view, text="You are a poet.", question="A line?")
    await workspace.click(team.ada, view, "slackbot_try", filled=question)
    await workspace.until(lambda: "Roses are red." in team.said(team.ada))


async def test_a_form_that_was_closed_while_it_was_tried(team: InstructionsHarness) -> None:
    """The answer is dropped; what was pressed twice has asked the model once."""
    harness = team.harness
    harness.model.enqueue(says("Roses are red.").held(after=1), "Ahoy")
    view = dict(await team.form(team.ada))
    question = filled(view, text="You are a poet.", question="A line?")
    for _ in range(2):
        await harness.workspace.click(team.ada, view, "slackbot_try", filled=question)
    await harness.model.until(lambda: harness.model.open_streams > 0)
    harness.workspace.views.modals[team.ada.id].clear()
    harness.model.release()
    assert await team.persona() == "You are a pirate."
    assert len(harness.model.requests) == 2
    assert team.harness.workspace.views.modals[team.ada.id] == []


async def test_a_trigger_that_is_too_old(team: InstructionsHarness) -> None:
    """Slack lets nothing be opened three seconds later: the person is told."""
    team.harness.workspace.views.trigger_lifetime = 0.0
    assert await team.command(team.ada, "") == UnopenedFormError().user_message


@pytest.mark.parametrize("fault", [Fault.status(500), Fault.error("invalid_arguments")])
async def test_a_form_that_slack_does_not_open(team: InstructionsHarness, fault: Fault) -> None:
    """The person is told what did not work, and nothing else."""
    team.harness.workspace.faults.add("views.open", fault, times=4)
    assert await team.command(team.ada, "") == UnopenedFormError().user_message
    team.harness.workspace.faults.clear()
    await team.form(team.ada)


async def test_a_form_that_slack_limits(team: InstructionsHarness) -> None:
    """A limit that outlasts the person's press is not waited for."""
    team.harness.workspace.faults.add("views.open", Fault.rate_limited(60))
    assert await team.command(team.ada, "") == UnopenedFormError().user_message


async def test_a_form_that_slack_opens_without_an_answer(team: InstructionsHarness) -> None:
    """It is there: that Slack refuses its trigger a second time says so."""
    team.harness.workspace.faults.add("views.open", Fault.reset_after())
    await team.form(team.ada)
    assert not team.harness.workspace.ephemerals


async def test_saving_that_takes_long(harness: BotHarness) -> None:
    """It is acknowledged within three seconds; the form says later how it ended."""
    async with harness.running():
        team = InstructionsHarness(harness)
        view = await team.form(team.ada)
        with locked(harness.environment["DATABASE_URL"]):
            assert await team.save(team.ada, view, text="You are a poet.") == SAVING_TAKES_LONG
        await harness.workspace.until(lambda: "version 1" in team.said(team.ada))
        assert await team.persona() == "You are a poet."


async def test_a_model_server_that_says_nothing(harness: BotHarness) -> None:
    """The menu offers the usual model in time; saving another one says later that it can't be
    checked, and what was written still stands in the form.
    """
    connections: list[asyncio.StreamWriter] = []
    server = await asyncio.start_server(lambda _, to: connections.append(to), "127.0.0.1", 0)
    address, port = server.sockets[0].getsockname()
    async with harness.running({"OPENAI_BASE_URL": f"http://{address}:{port}/v1"}):
        team = InstructionsHarness(harness)
        view = await team.form(team.ada)
        offered = await harness.workspace.suggestions(team.ada, view, "slackbot_model")
        assert [each["value"] for each in offered] == ["-"]
        saving = await team.save(team.ada, view, text="You are a poet.", model="gpt-6-luna")
        assert saving == SAVING_TAKES_LONG
        server.close()
        for connection in connections:
            connection.close()
        await harness.workspace.until(lambda: "text" in fields(team.on_top(team.ada)))
        assert field(team.on_top(team.ada), "text")["initial_value"] == "You are a poet."
        assert "Nothing has been set" in await team.command(team.ada, "history")
        assert "version 1" in await team.save(
            team.ada, team.on_top(team.ada), text="You are a poet.", model="-"
        )
    await server.wait_closed()


async def test_over_http(harness: BotHarness) -> None:
    """The same over HTTP: the form opens, and its answer comes with the acknowledgement."""
    settings = {
        "SLACK_APP_TOKEN": "",
        "SLACK_SIGNING_SECRET": harness.workspace.signing_secret,
        "PORT": "0",
    }
    async with harness.running(settings) as service:
        harness.workspace.events_url = f"http://127.0.0.1:{service.port}/slack/events"
        team = InstructionsHarness(harness)
        view = await team.form(team.ada)
        offered = await harness.workspace.suggestions(team.ada, view, "slackbot_model")
        assert [each["value"] for each in offered] == ["-", "stand-in"]
        assert "version 1" in await team.save(team.ada, view, text="You are a poet.")
        assert await team.persona() == "You are a poet."
        await service.bot.idle()
        view = await team.form(team.ada)
        with locked(harness.environment["DATABASE_URL"]):
            assert await team.save(team.ada, view, text="You are a parrot.") == SAVING_TAKES_LONG
            await harness.workspace.command(team.ada, harness.general, "/instructions", "undo")
            assert harness.workspace.deliveries[-1].acknowledged
        await harness.workspace.until(lambda: "version 2" in team.said(team.ada))


async def test_a_ghost(team: InstructionsHarness) -> None:
    """Whom Slack does not know gets no form."""
    ghost = replace(team.ada, id="U0GHOST")
    assert await team.command(ghost, "") == texts.PERMISSIONS_UNKNOWN
