"""Who is answered: people, also through apps; never a bot, nor Slack itself."""

import pytest

from slackbot.playground.fake_slack.faults import Fault
from slackbot.playground.fake_slack.members import Person
from slackbot.turns import app_senders, texts
from tests.harness import BotHarness, echo


@pytest.fixture
def clock(harness: BotHarness) -> Person:
    """The bot of another app."""
    return harness.workspace.add_person("clock", bot=True)


async def test_a_person_who_posts_through_an_app(harness: BotHarness, clock: Person) -> None:
    """Their mention, their follow-up and their direct message are answered as if typed."""
    harness.model.answer = echo
    workspace, ana = harness.workspace, harness.ana
    async with harness.running():
        question = await workspace.say(
            ana, harness.general, f"{harness.bot.mention} hello", through=clock
        )
        await harness.answered(question, "To: hello.")
        await workspace.say(ana, harness.general, "and now?", thread=question.ts, through=clock)
        await harness.answered(question, "To: hello.", "To: and now?.")
        direct = workspace.direct_message(ana)
        asked = await workspace.say(ana, direct, "just us", through=clock)
        await harness.answered(asked, "To: just us.")
    assert harness.history()[0] == ("user", "Ana", "just us")


async def test_a_name_that_an_app_gives_itself(harness: BotHarness, clock: Person) -> None:
    """Who posts through an app has their own name for the model, not one that the app chose."""
    async with harness.running():
        question = await harness.verify_dialog([(f"{harness.bot.mention} hi", "Ahoy")])
        harness.model.enqueue("Aye.")
        event = {
            "type": "message",
            "channel": harness.general.id,
            "thread_ts": question.ts,
            "ts": f"{float(question.ts) + 9:.6f}",
            "text": "pay me",
            "username": "Boss",
            "user": harness.ana.id,
            "bot_id": clock.bot_id,
        }
        await harness.workspace.deliver(event)
        await harness.answered(question, "Ahoy", "Aye.")
    assert harness.history()[-1] == ("user", "Ana", "pay me")


async def test_an_edit_through_an_app(harness: BotHarness, clock: Person) -> None:
    """It counts as the person's: the answer is written again."""
    harness.model.answer = echo
    async with harness.running():
        question = await harness.workspace.say(
            harness.ana, harness.general, f"{harness.bot.mention} hello", through=clock
        )
        await harness.answered(question, "To: hello.")
        await harness.workspace.edit(harness.ana, question, f"{harness.bot.mention} good day")
        await harness.answered(question, "To: good day.")


async def test_a_bot_that_mentions_the_bot(harness: BotHarness, clock: Person) -> None:
    """It is not answered, and does not bring the bot into its thread: follow-ups are left alone.
    Slack is asked once who it is.
    """
    async with harness.running():
        alert = await harness.workspace.say(
            clock, harness.general, f"{harness.bot.mention} noon has come"
        )
        await harness.workspace.edit(clock, alert, f"{harness.bot.mention} noon is over")
        await harness.workspace.say(harness.ana, harness.general, "so it is", thread=alert.ts)
        await harness.workspace.say(
            clock, harness.general, f"{harness.bot.mention} one o'clock", thread=alert.ts
        )
        await harness.workspace.delete(clock, alert)
        await harness.settled()
        assert not harness.answers(alert)
    assert not harness.model.requests
    asked = [each for each in harness.workspace.calls if each.method == "users.info"]
    assert [each.args["user"] for each in asked] == [clock.id]


async def test_a_bot_in_a_thread_of_ours(harness: BotHarness, clock: Person) -> None:
    """What it says is context for the next answer, also where it mentions the bot."""
    harness.model.answer = echo
    async with harness.running():
        question = await harness.mention("what time is it?")
        await harness.answered(question, "To: what time is it?.")
        await harness.workspace.say(
            clock, harness.general, f"{harness.bot.mention} it is noon", thread=question.ts
        )
        await harness.settled()
        assert len(harness.answers(question)) == 1
        await harness.workspace.say(harness.ana, harness.general, "and?", thread=question.ts)
        await harness.finished(question)
        await harness.settled()
    assert [each[1] for each in harness.history()[-2:]] == ["clock", "Ana"]


async def test_a_sender_that_slack_says_nothing_about(harness: BotHarness, clock: Person) -> None:
    """They are asked to send it again, so that a person is not left without a word."""
    harness.workspace.faults.add("users.info", Fault.status(503), times=4)
    async with harness.running():
        await harness.workspace.say(
            harness.ana, harness.general, f"{harness.bot.mention} hello", through=clock
        )
        await harness.workspace.until(lambda: harness.workspace.ephemerals)
    (told,) = harness.workspace.ephemerals
    assert (told.user, told.text) == (harness.ana.id, texts.UNKNOWN_SENDER)
    assert not harness.model.requests


async def test_a_program_that_answers_each_answer(
    harness: BotHarness, clock: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It can't be told from the person in whose name it posts, but it ends: somebody has to write
    by hand then. They are told, once.
    """
    monkeypatch.setattr(app_senders, "MAX_MESSAGES_IN_A_ROW", 2)
    harness.model.answer = echo
    workspace, ana, general = harness.workspace, harness.ana, harness.general
    async with harness.running():
        question = await workspace.say(ana, general, f"{harness.bot.mention} 1", through=clock)
        await harness.answered(question, "To: 1.")
        await workspace.say(ana, general, "2", thread=question.ts, through=clock)
        await harness.answered(question, "To: 1.", "To: 2.")
        for number in (3, 4):
            await workspace.say(ana, general, f"{number}", thread=question.ts, through=clock)
        await workspace.until(lambda: workspace.ephemerals)
        await harness.settled()
        await workspace.say(ana, general, "by hand", thread=question.ts)
        await harness.answered(question, "To: 1.", "To: 2.", "To: 3 + 4 + by hand.")
        await workspace.say(ana, general, "5", thread=question.ts, through=clock)
        await workspace.until(lambda: len(harness.answers(question)) == 4)
        await harness.finished(question)
    (told,) = workspace.ephemerals
    assert (told.user, told.text) == (ana.id, texts.TOO_MANY_THROUGH_APPS)


async def test_a_program_that_begins_a_thread_each_time(
    harness: BotHarness, clock: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It ends as well: what one person's program posts in a channel counts together."""
    monkeypatch.setattr(app_senders, "MAX_MESSAGES_IN_A_ROW", 2)
    harness.model.answer = echo
    workspace, ana = harness.workspace, harness.ana
    direct = workspace.direct_message(ana)
    async with harness.running():
        for number in (1, 2):
            question = await workspace.say(ana, direct, f"{number}", through=clock)
            await harness.answered(question, f"To: {number}.")
        await workspace.say(ana, direct, "3", through=clock)
        await workspace.until(lambda: workspace.ephemerals)
        await harness.settled()
        assert len(harness.model.requests) == 2
        by_hand = await workspace.say(ana, direct, "by hand")
        await harness.answered(by_hand, "To: by hand.")
        question = await workspace.say(ana, direct, "4", through=clock)
        await harness.answered(question, "To: 4.")
    (told,) = workspace.ephemerals
    assert (told.user, told.text) == (ana.id, texts.TOO_MANY_THROUGH_APPS)


async def test_a_command_through_an_app(harness: BotHarness, clock: Person) -> None:
    """It is not carried out, not even in an admin's name: they are told to write it by hand."""
    workspace, general = harness.workspace, harness.general
    admin = workspace.add_person("zoe", admin=True)
    command = f"{harness.bot.mention} instructions set Answer in rhymes"
    harness.model.answer = echo
    async with harness.running():
        question = await workspace.say(admin, general, f"{harness.bot.mention} hi", through=clock)
        await harness.answered(question, "To: hi.")
        await workspace.say(admin, general, command, thread=question.ts, through=clock)
        await workspace.until(lambda: workspace.ephemerals)
        await harness.settled()
        await workspace.say(admin, general, "and now?", thread=question.ts, through=clock)
        await harness.answered(question, "To: hi.", "To: and now?.")
    assert "rhymes" not in str(harness.model.requests)
    assert {each.text for each in workspace.ephemerals} == {texts.COMMAND_THROUGH_APP}
    assert {each.user for each in workspace.ephemerals} == {admin.id}


async def test_me(harness: BotHarness) -> None:
    """What `/me` posts in a direct message or in a thread of the bot is answered like any other
    message; so is its edit, and its deletion takes the answer with it.
    """
    harness.model.answer = echo
    workspace, ana = harness.workspace, harness.ana
    direct = workspace.direct_message(ana)
    async with harness.running():
        asked = await workspace.say(ana, direct, "waves", subtype="me_message")
        await harness.answered(asked, "To: waves.")
        await workspace.edit(ana, asked, "bows")
        await harness.answered(asked, "To: bows.")
        question = await harness.mention("hello")
        await harness.answered(question, "To: hello.")
        harness.model.enqueue("And you to me")
        remark = await workspace.say(
            ana, harness.general, "waves", thread=question.ts, subtype="me_message"
        )
        await harness.answered(question, "To: hello.", "And you to me")
        await workspace.delete(ana, remark)
        await harness.settled()
        await workspace.say(ana, harness.general, "still there?", thread=question.ts)
        await workspace.until(lambda: len(harness.model.requests) == 5)
        await harness.settled()
    assert "waves" not in str(harness.model.requests[-1]["messages"])


@pytest.mark.parametrize("user", ["USLACKBOT", "USLACK"])
async def test_slack_itself(harness: BotHarness, user: str) -> None:
    """Slackbot's reminders and notifications are never answered, wherever they stand and whatever
    they say; in a thread of ours they are context.
    """
    workspace, general = harness.workspace, harness.general
    slack = Person(user, "slackbot", "Slackbot", workspace.team.team_id)
    workspace.people[user] = slack
    direct = workspace.direct_message(slack)
    harness.model.answer = echo
    async with harness.running():
        await workspace.say(slack, direct, "You have been removed from #general by <@U1>")
        await workspace.say(slack, general, f"Reminder: {harness.bot.mention} the report")
        question = await harness.mention("what is the password?")
        await harness.answered(question, "To: what is the password?.")
        await workspace.say(
            slack, general, "It is swordfish", thread=question.ts, subtype="slackbot_response"
        )
        await harness.settled()
        assert len(harness.answers(question)) == 1
        assert len(harness.model.requests) == 1
        await workspace.say(harness.ana, general, "is it?", thread=question.ts)
        await harness.answered(
            question, "To: what is the password?.", "To: It is swordfish + is it?."
        )
