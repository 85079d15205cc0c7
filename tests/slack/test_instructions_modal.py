"""The form behind `/instructions`: opened, switched, tried, saved, over the real wire."""

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from slackbot.delivery.ephemeral import OFF
from slackbot.errors import OutdatedFormError, UnopenedFormError
from slackbot.instructions.commands import UNSURE
from slackbot.instructions.modal import NO_QUESTION, SAME
from slackbot.instructions.scopes import LIMIT, Scope
from slackbot.instructions.service import NOT_THERE, NOT_YOU
from slackbot.playground.fake_openai.script import Script, fails, says
from slackbot.playground.fake_slack.faults import Fault, FaultAnswer
from slackbot.slack import members
from slackbot.slack.instructions_modal import SAVING, UNTOLD
from tests import sample_files
from tests.harness import Stage
from tests.instructions_harness import Office, field, filled

OUTDATED = OutdatedFormError().user_message


@pytest.fixture
async def office(stage: Stage) -> AsyncIterator[Office]:
    async with stage.playing():
        stage.model.models = ["gpt-6-luna", "gpt-6.2-sol", "stand-in", "text-embedding-4"]
        yield Office(stage)


async def test_the_command_alone_opens_a_form(office: Office) -> None:
    """It shows what holds in this channel and where that comes from, to start from."""
    await office.order(office.ada, "workspace set You are a parrot.")
    view = await office.form(office.ada)
    assert field(view, "text")["initial_value"] == "You are a parrot."
    assert "set for the whole workspace" in json.dumps(view["blocks"])
    assert field(view, "scope")["initial_option"]["value"] == "channel"
    assert field(view, "answering")["initial_option"]["value"] == "follow-ups"
    assert field(view, "model")["initial_option"]["text"]["text"] == "Default (stand-in)"


async def test_saving_says_what_has_changed(office: Office) -> None:
    """To whoever saved it alone, and it holds from the next request on, in running threads too."""
    stage = office.stage
    root = await stage.verify_dialog([(f"{stage.bot.mention} hello", "Ahoy")])
    view = await office.form(office.ada)
    said = await office.save(
        office.ada, view, text="You are a poet.", model="gpt-6.2-sol", answering="mentions"
    )
    assert "(number 1)" in said
    assert "• Instructions: You are a poet." in said
    assert "• Model: `gpt-6.2-sol`" in said
    assert "• Answered: mentions only" in said
    assert not stage.workspace.ephemerals
    stage.model.enqueue("Rose.")
    await stage.mention("and now?", thread=root.ts)
    await stage.answered(root, "Ahoy", "Rose.")
    assert stage.model.requests[-1]["model"] == "gpt-6.2-sol"
    assert stage.model.requests[-1]["messages"][0]["content"].startswith("You are a poet.")


async def test_what_was_left_as_it_was_is_not_set(office: Office) -> None:
    """What a channel inherits goes on to follow the workspace."""
    view = await office.form(office.ada)
    assert SAME.format("this channel") in await office.save(office.ada, view)
    view = await office.form(office.ada)
    await office.save(office.ada, view, answering="mentions")
    await office.order(office.ada, "workspace set You are a parrot.")
    assert await office.persona() == "You are a parrot."


async def test_the_whole_workspace(office: Office) -> None:
    """An admin switches the form over, and sees what is set there."""
    await office.order(office.ada, "set You are a captain.")
    view = await office.form(office.ada)
    await office.stage.workspace.click(office.ada, view, "slackbot_scope", "workspace")
    await office.stage.workspace.until(
        lambda: field(office.on_top(office.ada), "text")["initial_value"] == "You are a pirate."
    )
    said = await office.save(office.ada, office.on_top(office.ada), text="You are a parrot.")
    assert "for the whole workspace was changed" in said
    assert await office.persona() == "You are a captain."
    assert await office.persona(office.random) == "You are a parrot."
    view = await office.form(office.ada, words="workspace")
    assert field(view, "scope")["initial_option"]["value"] == "workspace"


async def test_what_was_written_for_the_other_scope(office: Office) -> None:
    """Who decides while writing that it is for all keeps the text; the rest is as it is there."""
    workspace = office.stage.workspace
    await office.save(office.ada, await office.form(office.ada), answering="mentions")
    view = await office.form(office.ada)
    values = filled(view, text="You are a poet.", question="A line?")
    await workspace.click(office.ada, view, "slackbot_scope", "workspace", filled=values)
    await workspace.until(lambda: "text-workspace" in json.dumps(office.on_top(office.ada)))
    view = office.on_top(office.ada)
    assert field(view, "text")["initial_value"] == "You are a poet."
    assert field(view, "question")["initial_value"] == "A line?"
    assert field(view, "answering")["initial_option"]["value"] == "follow-ups"
    said = await office.save(office.ada, view)
    assert "for the whole workspace was changed (number 1)" in said
    assert "Answered" not in said


async def test_a_note_to_the_channel(office: Office) -> None:
    """If the box is ticked, the channel is told who has changed it; nobody is pinged."""
    view = await office.form(office.ada)
    await office.save(office.ada, view, text="You are a poet.", note=["note"])
    (note,) = [each for each in office.stage.workspace.messages.values() if not each.thread_ts]
    assert note.shown.startswith("Ada has changed")
    assert office.stage.model.requests == []


@pytest.mark.parametrize(("mode", "answered"), [("mentions", 1), ("never", 0), ("follow-ups", 2)])
async def test_what_is_answered(office: Office, mode: str, answered: int) -> None:
    """Mentions and what is asked on; mentions alone, the rest is remembered; nothing."""
    stage = office.stage
    view = await office.form(office.ada)
    await office.save(office.ada, view, answering=mode)
    stage.model.enqueue("one", "two", "three")
    root = await stage.mention("first")
    await stage.workspace.say(stage.ana, stage.general, "second", thread=root.ts)
    await stage.service.bot.idle()
    assert len(stage.answers(root)) == answered
    if mode == "mentions":
        await stage.mention("third", thread=root.ts)
        await stage.answered(root, "one", "two")
        assert [said for _, _, said in stage.history()] == ["first", "one", "second", "third"]


async def test_switched_off(office: Office) -> None:
    """Who mentions the bot there is told so, once and alone; nothing is kept of what was said."""
    stage = office.stage
    await office.save(office.ada, await office.form(office.ada), answering="never")
    await stage.mention("a secret")
    await stage.workspace.until(lambda: stage.workspace.ephemerals)
    await stage.all_acknowledged()
    assert ["switched me off" in each.text for each in stage.workspace.ephemerals] == [True]
    assert stage.model.requests == []
    database = sqlite3.connect(stage.environment["DATABASE_URL"].removeprefix("sqlite:///"))
    ((kept,),) = database.execute("SELECT count(*) FROM store WHERE value LIKE '%a secret%'")
    database.close()
    assert kept == 0
    await office.order(office.ada, "undo")
    assert await office.persona() == "You are a pirate."


async def test_switched_off_while_a_question_waits(office: Office) -> None:
    """The reply under way is finished; who waits is told, alone, that no other one comes."""
    stage = office.stage
    stage.model.enqueue(says("one two").held(after=1))
    root = await stage.mention("count")
    await stage.answered(root, "one")
    await stage.workspace.say(
        stage.ben, stage.general, f"{stage.bot.mention} and then?", thread=root.ts
    )
    await stage.workspace.say(stage.ana, stage.general, "well?", thread=root.ts)
    await office.save(office.ada, await office.form(office.ada), answering="never")
    stage.model.release()
    await stage.answered(root, "one two")
    await stage.workspace.until(lambda: stage.workspace.ephemerals)
    await stage.service.bot.idle()
    assert [(each.user, each.text) for each in stage.workspace.ephemerals] == [(stage.ben.id, OFF)]
    assert len(stage.model.requests) == 1


async def test_no_other_answer_where_it_is_switched_off(office: Office) -> None:
    """Regenerate says so, and an edited question stays as it was answered."""
    stage = office.stage
    root = await stage.verify_dialog([(f"{stage.bot.mention} hello", "Ahoy")])
    await office.save(office.ada, await office.form(office.ada), answering="never")
    await stage.press(stage.ana, root, "again")
    await stage.workspace.until(lambda: stage.workspace.ephemerals)
    assert stage.workspace.ephemerals[-1].text == OFF
    await stage.workspace.edit(stage.ana, root, f"{stage.bot.mention} goodbye")
    await stage.all_acknowledged()
    await stage.service.bot.idle()
    await stage.answered(root, "Ahoy")
    assert len(stage.model.requests) == 1


async def test_mentions_only_in_direct_messages(office: Office) -> None:
    """There each message is one to the bot; and who asks for another answer gets one."""
    stage = office.stage
    everywhere = await office.form(office.ada, words="workspace")
    await office.save(office.ada, everywhere, answering="mentions")
    stage.model.enqueue("one", "two", "three", "four")
    direct = stage.workspace.direct_message(stage.ana)
    root = await stage.workspace.say(stage.ana, direct, "first")
    await stage.answered(root, "one")
    second = await stage.workspace.say(stage.ana, direct, "second", thread=root.ts)
    await stage.answered(root, "one", "two")
    await stage.press(stage.ana, root, "again")
    await stage.answered(root, "one", "three")
    await stage.workspace.edit(stage.ana, second, "another second")
    await stage.answered(root, "one", "four")


async def test_who_may_not_sees_what_holds(office: Office) -> None:
    """A member, a guest and an outsider get no form."""
    for person in (office.stage.ben, office.gus, office.eve):
        assert "You are a pirate." in await office.order(person, "")
    assert office.stage.workspace.views.history == []


async def test_who_was_named_for_a_channel(office: Office) -> None:
    """Gets the form for it, without a choice, and none for the workspace."""
    ben = office.stage.ben
    await office.order(office.ada, f"allow <@{ben.id}>")
    view = await office.form(ben)
    assert "slackbot_scope" not in json.dumps(view["blocks"])
    assert "(number 1)" in await office.save(ben, view, text="You are Ben's.")
    assert "You are a pirate." in await office.order(ben, "workspace")


async def test_the_right_is_checked_again(office: Office) -> None:
    """Who may no longer when they save changes nothing."""
    ben = office.stage.ben
    await office.order(office.ada, f"allow <@{ben.id}>")
    view = await office.form(ben)
    await office.order(office.ada, f"disallow <@{ben.id}>")
    refused = NOT_YOU.format(scope=Scope("T", "C"))
    assert await office.save(ben, view, text="You are Ben's.") == refused
    assert await office.persona() == "You are a pirate."


async def test_an_admin_who_is_one_no_longer(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Slack is asked anew once what it said is a minute old: here, at once."""
    monkeypatch.setattr(members, "FRESH", 0.0)
    view = await office.form(office.ada)
    member = FaultAnswer(200, {"ok": True, "user": {"id": office.ada.id}}, {})
    office.stage.workspace.faults.add("users.info", Fault("answer", member))
    refused = NOT_YOU.format(scope=Scope("T", "C"))
    assert await office.save(office.ada, view, text="Still mine.") == refused


async def test_forged_tickets(office: Office) -> None:
    """Another channel, or the workspace, in what a form carries gives no right to it."""
    ben = office.stage.ben
    await office.order(office.ada, f"allow <@{ben.id}>")
    view = await office.form(ben)
    ticket = json.loads(view["private_metadata"])
    for forged in ({"channel": office.random.id}, {"workspace": True}):
        view = await office.form(ben)
        metadata = json.dumps({**ticket, **forged})
        said = await office.save(ben, {**view, "private_metadata": metadata}, text="Mine.")
        assert said.startswith("You may not change")
    assert await office.persona(office.random) == "You are a pirate."


@pytest.mark.parametrize(
    "metadata", ["", "7", "{}", "[]", '{"v": 0}', '{"channel":"../x","workspace":false}', "nul\0"]
)
async def test_a_form_of_another_version(office: Office, metadata: str) -> None:
    """One sentence, and nothing changes."""
    view = await office.form(office.ada)
    said = await office.save(office.ada, {**view, "private_metadata": metadata}, text="Boo.")
    assert said == OUTDATED
    view = await office.form(office.ada)
    assert await office.save(office.ada, {**view, "callback_id": "old_form"}) == OUTDATED
    view = await office.form(office.ada)
    fewer = [each for each in view["blocks"] if "slackbot_answering" not in str(each)]
    response = await office.stage.workspace.submit_view(office.ada, {**view, "blocks": fewer}, {})
    assert OUTDATED in json.dumps(response)
    assert await office.persona() == "You are a pirate."


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
async def test_forged_fields(office: Office, field: str, state: dict[str, Any]) -> None:
    """What no menu offers is none of this form's; it is acknowledged, and nothing changes."""
    view = await office.form(office.ada)
    values = {f"{field}-channel": {f"slackbot_{field}": state}}
    response = await office.stage.workspace.submit_view(office.ada, view, values)
    assert OUTDATED in json.dumps(response)
    assert "Nothing was ever set" in await office.order(office.ada, "history")


async def test_noise_beside_the_fields(office: Office) -> None:
    """What a form does not ask for is left alone."""
    view = await office.form(office.ada)
    values: Any = {
        "question": {"slackbot_question": {}},
        "note": {"slackbot_note": ["note"], "more": {"value": 7}},
        "noise": {"slackbot_noise": None},
    }
    values |= filled(view, text="You are a poet.")
    response = await office.stage.workspace.submit_view(office.ada, view, values)
    assert "(number 1)" in json.dumps(response)


async def test_handed_in_twice(office: Office) -> None:
    """It is saved once, says so each time, and the channel is told once."""
    workspace = office.stage.workspace
    view = await office.form(office.ada)
    values = filled(view, text="You are a poet.", note=["note"])
    presses = [workspace.submit_view(office.ada, dict(view), values) for _ in range(3)]
    responses = await asyncio.gather(*presses)
    assert ["(number 1)" in json.dumps(each) for each in responses] == [True] * 3
    assert len(workspace.messages) == 1
    assert "2." not in await office.order(office.ada, "history")


async def test_two_forms_of_one_person(office: Office) -> None:
    """Who saves an older one with something else in it is asked, as anybody is."""
    first, second = dict(await office.form(office.ada)), dict(await office.form(office.ada))
    await office.save(office.ada, first, text="One.")
    assert "while you were writing" in await office.save(office.ada, second, text="Two.")


async def test_slack_markup_in_the_text(office: Office) -> None:
    """It is read: no escapes and codes of Slack's, names for mentions."""
    ben = office.stage.ben.id
    view = await office.form(office.ada)
    await office.save(
        office.ada, view, text=f"Ask <@{ben}> &amp; see <https://x.y|this> &lt;3\x00."
    )
    assert await office.persona() == "Ask @Ben & see this (https://x.y) <3."


async def test_two_admins_at_once(office: Office) -> None:
    """Who saves second is shown the other's text and asked; their own is not lost."""
    bea = office.stage.workspace.add_person("Bea", admin=True)
    hers, his = await office.form(office.ada), await office.form(bea)
    await office.save(bea, his, text="By <Bea>.")
    said = await office.save(office.ada, hers, text="By Ada.", answering="mentions")
    assert "changed this while you were writing" in said
    assert f"<@{bea.id}>" in said
    assert "By &lt;Bea&gt;." in said
    assert await office.persona() == "By <Bea>."
    asked = office.on_top(office.ada)
    assert field(asked, "text")["initial_value"] == "By Ada."
    assert field(asked, "answering")["initial_option"]["value"] == "mentions"
    assert "(number 2)" in await office.save(office.ada, asked)
    assert await office.persona() == "By Ada."


@pytest.mark.parametrize("text", ["", " \n\t ", "\x00\x01"])
async def test_nothing_in_it(office: Office, text: str) -> None:
    """The sentence stands at the field, and the form stays open."""
    view = await office.form(office.ada)
    response = await office.stage.workspace.submit_view(office.ada, view, filled(view, text=text))
    assert "There is nothing in it" in json.dumps(response)
    assert await office.persona() == "You are a pirate."


async def test_long_instructions(office: Office) -> None:
    """What a field can't hold is shown and said; the rest of the form still works."""
    for part in range(6):
        await office.order(office.ada, f"{'append' if part else 'set'} " + f"{part}" * 1_999)
    assert len(await office.persona()) == LIMIT - 1
    view = await office.form(office.ada)
    assert "11,999 characters" in json.dumps(view["blocks"])
    assert "initial_value" not in field(view, "text")
    await office.save(office.ada, view, answering="mentions")
    assert len(await office.persona()) == LIMIT - 1
    view = await office.form(office.ada)
    await office.save(office.ada, view, text="Short.")
    assert await office.persona() == "Short."


async def test_instructions_out_of_a_file(office: Office) -> None:
    """What stands in an uploaded file counts, also if it is more than a field takes."""
    workspace = office.stage.workspace
    text = "You are a poet.\n" + "Rose. " * 1_900
    file = workspace.share(office.ada, "poet.md", text.encode(), "text/markdown")
    view = await office.form(office.ada)
    assert "(number 1)" in await office.save(office.ada, view, text="Never mind.", file=[file])
    assert await office.persona() == text.strip()


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("long.txt", b"x" * 12_001, "12,001 characters"),
        ("longer.txt", b"x" * 100_000, "characters; instructions may have 12,000"),
        ("empty.txt", b"", "is empty"),
        ("noise.txt", bytes(range(256)), "is not a kind of file that I can read"),
        ("blank.txt", b" \n ", "no text"),
        ("clip.txt", sample_files.clip(), "There is no text in"),
    ],
)
async def test_files_that_are_no_instructions(
    office: Office, name: str, content: bytes, sentence: str
) -> None:
    """Each gets one sentence and changes nothing."""
    file = office.stage.workspace.share(office.ada, name, content, "text/plain")
    view = await office.form(office.ada)
    assert sentence in await office.save(office.ada, view, file=[file])
    assert await office.persona() == "You are a pirate."


async def test_a_forged_file(office: Office) -> None:
    """A file that was shared elsewhere is not read for somebody who names it."""
    workspace = office.stage.workspace
    file = workspace.share(office.ada, "secret.txt", b"The secret.", "text/plain")
    await workspace.say(office.stage.ana, office.random, "look", files=[file])
    view = await office.form(office.ada)
    assert "not shared here" in await office.save(office.ada, view, file=[file])
    assert await office.persona() == "You are a pirate."


async def test_models_to_choose_from(office: Office) -> None:
    """The server's own list, without those that can't talk, searched by what is typed."""
    workspace = office.stage.workspace
    view = await office.form(office.ada)
    offered = await workspace.suggestions(office.ada, view, "slackbot_model")
    assert [each["text"]["text"] for each in offered] == [
        "Default (stand-in)",
        "gpt-6-luna",
        "gpt-6.2-sol",
        "stand-in",
    ]
    offered = await workspace.suggestions(office.ada, view, "slackbot_model", "SOL")
    assert [each["value"] for each in offered] == ["gpt-6.2-sol"]
    office.stage.model.models = [f"model-{number}" for number in range(500)]


async def test_a_model_that_does_not_exist(office: Office) -> None:
    """It is refused by name, and what was written is not lost."""
    view = await office.form(office.ada)
    said = await office.save(office.ada, view, text="You are a poet.", model="gpt-9")
    assert "The model `gpt-9` is not one of those" in said
    assert field(office.on_top(office.ada), "model")["initial_option"]["value"] == "gpt-9"
    said = await office.save(office.ada, office.on_top(office.ada), model="<!channel>")
    assert "<!" not in said
    assert field(office.on_top(office.ada), "text")["initial_value"] == "You are a poet."
    assert await office.persona() == "You are a pirate."
    await office.save(office.ada, office.on_top(office.ada), model="gpt-6-luna")
    assert await office.persona() == "You are a poet."
    assert office.stage.model.requests[-1]["model"] == "gpt-6-luna"


async def test_trying_it(office: Office) -> None:
    """The model answers as it would once it was saved; nothing is saved or said in Slack."""
    stage = office.stage
    stage.model.enqueue("Roses are red.")
    view = await office.form(office.ada)
    question = filled(view, text="You are a poet.", question="A line?", model="gpt-6-luna")
    await stage.workspace.click(office.ada, view, "slackbot_try", filled=question)
    await stage.workspace.until(lambda: "Roses are red." in office.said(office.ada))
    request = stage.model.requests[-1]
    assert request["model"] == "gpt-6-luna"
    assert request["messages"][0]["content"].startswith("You are a poet.")
    assert request["messages"][1] == {"role": "user", "content": "A line?"}
    assert not stage.workspace.messages
    assert await office.persona() == "You are a pirate."
    try_instructions = office.on_top(office.ada)
    assert field(try_instructions, "text")["initial_value"] == "You are a poet."
    assert "(number 1)" in await office.save(office.ada, try_instructions)


async def test_trying_does_not_hide_another_admins_change(office: Office) -> None:
    """A form stays the one that was opened, whatever was tried in it."""
    bea = office.stage.workspace.add_person("Bea", admin=True)
    view = await office.form(office.ada)
    await office.save(bea, await office.form(bea), text="By Bea.")
    office.stage.model.enqueue("Well.")
    question = filled(view, text="By Ada.", question="Well?")
    await office.stage.workspace.click(office.ada, view, "slackbot_try", filled=question)
    await office.stage.workspace.until(lambda: "Well." in office.said(office.ada))
    said = await office.save(office.ada, office.on_top(office.ada))
    assert "changed this while you were writing" in said


@pytest.mark.parametrize(
    ("text", "question", "script", "shown"),
    [
        ("You are a poet.", " ", "", NO_QUESTION),
        (" ", "A line?", "", "There is nothing in it"),
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
    office: Office, text: str, question: str, script: Script | str, shown: str
) -> None:
    """One sentence in the modal, and the form goes on; what the model says pings nobody there."""
    workspace = office.stage.workspace
    if script:
        office.stage.model.enqueue(script, script)
    view = await office.form(office.ada)
    await workspace.click(
        office.ada, view, "slackbot_try", filled=filled(view, text=text, question=question)
    )
    await workspace.until(lambda: shown in office.said(office.ada))
    answers = [block for block in office.on_top(office.ada)["blocks"][-4:] if "text" in block]
    assert all(each["text"]["type"] == "plain_text" for each in answers)


async def test_a_trial_of_somebody_who_may_not(office: Office) -> None:
    """Costs nothing: the model is not asked."""
    ben = office.stage.ben
    await office.order(office.ada, f"allow <@{ben.id}>")
    view = await office.form(ben)
    await office.order(office.ada, f"disallow <@{ben.id}>")
    question = filled(view, question="A line?")
    await office.stage.workspace.click(ben, view, "slackbot_try", filled=question)
    await office.stage.workspace.until(lambda: "You may not" in office.said(ben))
    assert office.stage.model.requests == []


async def test_where_the_bot_is_not(office: Office) -> None:
    """No form opens there."""
    away = office.stage.workspace.add_channel("away", members=[office.ada], with_bot=False)
    assert await office.order(office.ada, "", away) == NOT_THERE


async def test_when_slack_does_not_say(office: Office) -> None:
    """Then no form opens, and nothing is saved."""
    workspace = office.stage.workspace
    workspace.faults.add("users.info", Fault.status(500))
    assert await office.order(office.ada, "") == UNSURE
    view = await office.form(office.ada)
    workspace.faults.add("conversations.info", Fault.status(500))
    said = await office.save(office.ada, view, text="Boo <!channel>.")
    assert said.splitlines() == [UNSURE, "What you wrote:", "Boo <!channel>."]
    assert "Nothing was ever set" in await office.order(office.ada, "history")


async def test_a_note_that_slack_does_not_take(office: Office) -> None:
    """Whoever saved the form is told that the channel does not know."""
    view = await office.form(office.ada)
    office.stage.workspace.faults.add("chat.postMessage", Fault.rate_limited())
    said = await office.save(office.ada, view, text="You are a poet.", note=["note"])
    assert "(number 1)" in said
    assert said.endswith(UNTOLD)


@pytest.mark.parametrize("fault", [Fault.rate_limited(), Fault.status(500), Fault.reset_before()])
async def test_what_is_shown_in_a_form_is_shown_in_the_end(office: Office, fault: Fault) -> None:
    """A modal that Slack does not take at once is asked of it again."""
    workspace = office.stage.workspace
    office.stage.model.enqueue("Roses are red.")
    view = await office.form(office.ada)
    workspace.faults.add("views.update", fault)
    question = filled(view, text="You are a poet.", question="A line?")
    await workspace.click(office.ada, view, "slackbot_try", filled=question)
    await workspace.until(lambda: "Roses are red." in office.said(office.ada))


async def test_a_form_that_was_closed_while_it_was_tried(office: Office) -> None:
    """The answer is dropped; what was pressed twice has asked the model once."""
    stage = office.stage
    stage.model.enqueue(says("Roses are red.").held(after=1), "Ahoy")
    view = dict(await office.form(office.ada))
    question = filled(view, text="You are a poet.", question="A line?")
    for _ in range(2):
        await stage.workspace.click(office.ada, view, "slackbot_try", filled=question)
    await stage.model.until(lambda: stage.model.open_streams > 0)
    stage.workspace.views.modals[office.ada.id].clear()
    stage.model.release()
    assert await office.persona() == "You are a pirate."
    assert len(stage.model.requests) == 2
    assert office.stage.workspace.views.modals[office.ada.id] == []


async def test_a_trigger_that_is_too_old(office: Office) -> None:
    """Slack lets nothing be opened three seconds later: the person is told."""
    office.stage.workspace.views.trigger_lifetime = 0.0
    assert await office.order(office.ada, "") == UnopenedFormError().user_message


@pytest.mark.parametrize(
    "fault", [Fault.rate_limited(), Fault.status(500), Fault.error("invalid_arguments")]
)
async def test_a_form_that_slack_does_not_open(office: Office, fault: Fault) -> None:
    """The person is told what did not work, and nothing else."""
    office.stage.workspace.faults.add("views.open", fault)
    assert await office.order(office.ada, "") == UnopenedFormError().user_message
    await office.form(office.ada)


async def test_saving_that_takes_long(stage: Stage) -> None:
    """It is acknowledged within three seconds; the form says later how it ended."""
    async with stage.playing():
        office = Office(stage)
        view = await office.form(office.ada)
        database = stage.environment["DATABASE_URL"].removeprefix("sqlite:///")
        other = sqlite3.connect(database, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        assert await office.save(office.ada, view, text="You are a poet.") == SAVING
        other.close()
        await stage.workspace.until(lambda: "(number 1)" in office.said(office.ada))
        assert await office.persona() == "You are a poet."


async def test_a_model_server_that_says_nothing(stage: Stage) -> None:
    """The menu offers the usual model in time; saving another one says later that it can't be
    checked, and what was written still stands in the form.
    """
    connections: list[asyncio.StreamWriter] = []
    server = await asyncio.start_server(lambda _, to: connections.append(to), "127.0.0.1", 0)
    address, port = server.sockets[0].getsockname()
    async with stage.playing({"OPENAI_BASE_URL": f"http://{address}:{port}/v1"}):
        office = Office(stage)
        view = await office.form(office.ada)
        offered = await stage.workspace.suggestions(office.ada, view, "slackbot_model")
        assert [each["value"] for each in offered] == ["-"]
        saving = await office.save(office.ada, view, text="You are a poet.", model="gpt-6-luna")
        assert saving == SAVING
        for connection in connections:
            connection.close()
        await stage.workspace.until(lambda: "slackbot_text" in str(office.on_top(office.ada)))
        assert field(office.on_top(office.ada), "text")["initial_value"] == "You are a poet."
        assert "Nothing was ever set" in await office.order(office.ada, "history")
        assert "(number 1)" in await office.save(
            office.ada, office.on_top(office.ada), text="You are a poet.", model="-"
        )
    server.close()
    await server.wait_closed()


async def test_over_http(stage: Stage) -> None:
    """The same over HTTP: the form opens, and its answer comes with the acknowledgement."""
    settings = {
        "SLACK_APP_TOKEN": "",
        "SLACK_SIGNING_SECRET": stage.workspace.signing_secret,
        "PORT": "0",
    }
    async with stage.playing(settings) as service:
        stage.workspace.events_url = f"http://127.0.0.1:{service.port}/slack/events"
        office = Office(stage)
        view = await office.form(office.ada)
        offered = await stage.workspace.suggestions(office.ada, view, "slackbot_model")
        assert [each["value"] for each in offered] == ["-", "stand-in"]
        assert "(number 1)" in await office.save(office.ada, view, text="You are a poet.")
        assert await office.persona() == "You are a poet."
        await service.bot.idle()
        view = await office.form(office.ada)
        database = stage.environment["DATABASE_URL"].removeprefix("sqlite:///")
        other = sqlite3.connect(database, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        assert await office.save(office.ada, view, text="You are a parrot.") == SAVING
        await stage.workspace.command(office.ada, stage.general, "/instructions", "undo")
        assert stage.workspace.deliveries[-1].acknowledged
        other.close()
        await stage.workspace.until(lambda: "(number 2)" in office.said(office.ada))


async def test_a_ghost(office: Office) -> None:
    """Whom Slack does not know gets no form."""
    ghost = replace(office.ada, id="U0GHOST")
    assert await office.order(ghost, "") == UNSURE
