"""Attacks with Regenerate and Try again: who can press them, and what tools do then."""

from collections.abc import Iterator

import pytest

from slackbot.conversation.history import NOT_RUN
from slackbot.llm import tool_calls
from slackbot.playground.fake_openai.script import calls, fails, says
from slackbot.playground.fake_slack.faults import Fault
from slackbot.playground.fake_slack.members import Person
from slackbot.playground.fake_slack.messages import PostedMessage
from slackbot.turns import texts
from tests.harness import BotHarness
from tests.security import ticket_tools
from tests.turns.tool_use import tool_results

TOOLS = {"SLACKBOT_TOOLS": "tests.security.ticket_tools"}

TICKET = '{"title": "Leak"}'

USED = "\n\n🔧 _Used `create_ticket`_"


@pytest.fixture(autouse=True)
def fresh_tools() -> Iterator[None]:
    """Clears what the tools recorded after each test."""
    ticket_tools.runs.clear()
    ticket_tools.callers.clear()
    yield
    ticket_tools.runs.clear()
    ticket_tools.callers.clear()


async def answered_question(harness: BotHarness, *scripts: object) -> PostedMessage:
    """Ana's question, answered by these scripts."""
    harness.model.enqueue(*scripts)  # type: ignore[arg-type]
    question = await harness.mention("create a ticket")
    await harness.finished(question)
    await harness.service.bot.idle()
    return question


async def press_again(harness: BotHarness, person: Person, question: PostedMessage) -> None:
    await harness.press(person, question, "again")
    await harness.settled()


def told(harness: BotHarness, person: Person) -> str:
    """What only this person reads: where they are, or in a direct message."""
    shown = [each.text for each in harness.workspace.ephemerals if each.user == person.id]
    direct = harness.workspace.direct_message(person).id
    sent = [each.text for each in harness.workspace.messages.values() if each.channel == direct]
    return " ".join((*shown, *sent))


async def test_a_member_repeats_nothing(harness: BotHarness) -> None:
    """Presses by somebody else make no ticket: the first one's result is used each time."""
    async with harness.running(TOOLS):
        question = await answered_question(
            harness, calls("create_ticket", TICKET, call_id="first"), "Done."
        )
        for number in range(2):
            call = calls("create_ticket", '{ "title" : "Leak" }', call_id=f"again {number}")
            harness.model.enqueue(call, f"Done {number}.")
            await press_again(harness, harness.ben, question)
            used = f"🔧 _Used `create_ticket` {number + 2} times_"
            await harness.answered(question, f"Done {number}.\n\n{used}")
            assert tool_results(harness) == ["Leak is ticket 1"] * (number + 2)
    assert ticket_tools.runs == {"create_ticket": 1}


async def test_the_asker_repeats_nothing_either(harness: BotHarness) -> None:
    """Who asked for a ticket wants another answer, not another ticket. The model begins with what
    was done.
    """
    async with harness.running(TOOLS):
        question = await answered_question(harness, calls("create_ticket", TICKET), "Done.")
        harness.model.enqueue("There it is.")
        await press_again(harness, harness.ana, question)
        await harness.answered(question, f"There it is.{USED}")
    assert tool_results(harness) == ["Leak is ticket 1"]
    assert ticket_tools.runs == {"create_ticket": 1}


@pytest.mark.parametrize("arguments", ['{"title": "Another"}', '{"title": "Leak", "x": 1}'])
async def test_another_call_is_not_run(harness: BotHarness, arguments: str) -> None:
    """A press makes no call that was not made before: not with other arguments, and not at all."""
    async with harness.running(TOOLS):
        question = await answered_question(harness, "I could create one.")
        harness.model.enqueue(calls("create_ticket", arguments), "Please ask again.")
        await press_again(harness, harness.ana, question)
        await harness.answered(question, "Please ask again.")
    assert tool_results(harness) == [tool_calls.NOT_REPEATED]
    assert ticket_tools.runs == {}


async def test_what_changes_nothing_runs_again(harness: BotHarness) -> None:
    """A tool that says that it is read-only gives a new result, for the person who asked."""
    async with harness.running(TOOLS):
        question = await answered_question(harness, calls("tickets"), "One.")
        harness.model.enqueue(calls("tickets"), "Two.")
        await press_again(harness, harness.ben, question)
    assert tool_results(harness) == ["list 2"]
    assert ticket_tools.callers == [harness.ana.id] * 2


async def test_nobody_is_asked_to_approve_again(harness: BotHarness) -> None:
    """A tool that needs approval is not repeated, though it only reads: what a person confirmed was
    one call.
    """
    async with harness.running(TOOLS):
        harness.model.enqueue(calls("read_secret"), "I know.")
        question = await harness.mention("read it")
        await harness.press(harness.ana, question, "confirm")
        await harness.finished(question)
        await harness.service.bot.idle()
        harness.model.enqueue(calls("read_secret", call_id="again"), "I still know.")
        await press_again(harness, harness.ben, question)
    assert tool_results(harness) == ["a secret"] * 2
    assert ticket_tools.runs == {"read_secret": 1}


async def test_a_refusal_is_kept_too(harness: BotHarness) -> None:
    """What a person declined is not run by a later press."""
    async with harness.running(TOOLS):
        harness.model.enqueue(calls("read_secret"), "Then not.")
        question = await harness.mention("read it")
        await harness.press(harness.ana, question, "decline")
        await harness.finished(question)
        await harness.service.bot.idle()
        harness.model.enqueue(calls("read_secret"), "Still not.")
        await press_again(harness, harness.ana, question)
    assert tool_results(harness) == [tool_calls.REJECTED]
    assert ticket_tools.runs == {}


async def test_a_restart_while_it_is_written_again(harness: BotHarness) -> None:
    """The next process repeats nothing either."""
    async with harness.running(TOOLS, grace=0.0):
        question = await answered_question(harness, calls("create_ticket", TICKET), "Done.")
        harness.model.enqueue(calls("tickets"), says("There it").held(after=1))
        await harness.press(harness.ben, question, "again")
        await harness.workspace.until(lambda: "There" in harness.answers(question)[-1].shown)
        harness.service.bot.abandon()
    async with harness.running(TOOLS):
        call = calls("create_ticket", TICKET, call_id="again")
        other = calls("create_ticket", '{"title": "Other"}', call_id="other")
        harness.model.enqueue(call, other, "There it is.")
        await harness.finished(question)
        await harness.workspace.until(lambda: "is." in harness.answers(question)[-1].shown)
    results = tool_results(harness)
    assert results == ["Leak is ticket 1", "list 1", "Leak is ticket 1", tool_calls.NOT_REPEATED]
    assert ticket_tools.runs == {"create_ticket": 1, "tickets": 1}


async def test_an_edit_asks_anew(harness: BotHarness) -> None:
    """The person who asked edits the question: that is a new one, and its tools run."""
    async with harness.running(TOOLS):
        question = await answered_question(harness, calls("create_ticket", TICKET), "Done.")
        harness.model.enqueue(calls("create_ticket", '{"title": "Flood"}'), "Done again.")
        await harness.workspace.edit(
            harness.ana, question, f"{harness.bot.mention} create a ticket about the flood"
        )
        await harness.answered(question, f"Done again.{USED}")
    assert tool_results(harness) == ["Flood is ticket 2"]


async def test_try_again_goes_on_where_it_ended(harness: BotHarness) -> None:
    """After an error, the person who asked gets the rest: what was done is not done twice, and what
    was not done yet is.
    """
    async with harness.running(TOOLS):
        broken = (calls("create_ticket", TICKET), fails(401))
        question = await answered_question(harness, *broken)
        harness.model.enqueue(calls("create_ticket", '{"title": "Flood"}'), "Both are there.")
        await press_again(harness, harness.ana, question)
        await harness.answered(question, "Both are there.\n\n🔧 _Used `create_ticket` 2 times_")
    assert tool_results(harness) == ["Leak is ticket 1", "Flood is ticket 2"]


async def test_others_try_again_without_effects(harness: BotHarness) -> None:
    """Somebody else who presses Try again makes the bot do nothing in the name of who asked."""
    async with harness.running(TOOLS):
        question = await answered_question(harness, fails(401))
        harness.model.enqueue(calls("create_ticket", TICKET), "Please ask again.")
        await press_again(harness, harness.ben, question)
        await harness.answered(question, "Please ask again.")
    assert tool_results(harness)[0].startswith(NOT_RUN)
    assert ticket_tools.runs == {}


def outsiders(harness: BotHarness) -> dict[str, Person]:
    """People in the channel who are no members of the workspace, and one who is not in it."""
    add = harness.workspace.add_person
    people = {
        "guest": add("Gus", restricted=True),
        "single-channel guest": add("Gil", ultra_restricted=True),
        "outsider": add("Olaf", stranger=True),
        "bot": add("Robo", bot=True),
    }
    harness.general.members |= {each.id for each in people.values()}
    return people | {"not in the channel": add("Nora")}


@pytest.mark.parametrize(
    "who", ["guest", "single-channel guest", "outsider", "bot", "not in the channel"]
)
async def test_who_can_not_press(harness: BotHarness, who: str) -> None:
    """They are told so in private, and nothing is asked of the model."""
    person = outsiders(harness)[who]
    async with harness.running(TOOLS):
        question = await answered_question(harness, "Ahoy.")
        await press_again(harness, person, question)
        await harness.workspace.until(lambda: told(harness, person))
        await harness.answered(question, "Ahoy.")
    assert texts.ONLY_MEMBERS in told(harness, person)
    assert len(harness.model.requests) == 1


async def test_who_can_not_try_again(harness: BotHarness) -> None:
    """The same holds for an answer that failed."""
    guest = outsiders(harness)["guest"]
    async with harness.running(TOOLS):
        question = await answered_question(harness, fails(401))
        before = len(harness.model.requests)
        await press_again(harness, guest, question)
        await harness.workspace.until(lambda: told(harness, guest))
        assert len(harness.model.requests) == before


async def test_a_guest_has_their_own_answer_again(harness: BotHarness) -> None:
    """The person who asked can always press it."""
    guest = outsiders(harness)["guest"]
    async with harness.running():
        harness.model.enqueue("Ahoy.", "Ahoy again.")
        question = await harness.workspace.say(
            guest, harness.general, f"{harness.bot.mention} hello"
        )
        await harness.finished(question)
        await harness.service.bot.idle()
        await press_again(harness, guest, question)
        await harness.answered(question, "Ahoy again.")


async def test_an_admin_outside_the_channel(harness: BotHarness) -> None:
    """Admins can press it wherever they see it."""
    chief = harness.workspace.add_person("Chief", admin=True)
    async with harness.running():
        question = await answered_question(harness, "Ahoy.")
        harness.model.enqueue("Ahoy again.")
        await press_again(harness, chief, question)
        await harness.answered(question, "Ahoy again.")


@pytest.mark.parametrize("method", ["users.info", "conversations.members"])
async def test_slack_does_not_say(harness: BotHarness, method: str) -> None:
    """While Slack does not say who somebody is, a press does nothing, and the person is told."""
    async with harness.running():
        question = await answered_question(harness, "Ahoy.")
        harness.workspace.faults.add(method, Fault.error("internal_error"), times=20)
        await press_again(harness, harness.ben, question)
        await harness.workspace.until(lambda: told(harness, harness.ben))
        await harness.answered(question, "Ahoy.")
    assert told(harness, harness.ben) == texts.CANT_CHECK
    assert len(harness.model.requests) == 1
