"""Ephemeral messages, sent in the background."""

import logging

import pytest

from slackbot.playground.fake_slack.faults import Fault
from slackbot.playground.fake_slack.members import Channel
from tests.harness import BotHarness


async def test_only_one_person_sees_it(harness: BotHarness) -> None:
    """The answer to a command goes to the person who gave it, where they gave it: Slack shows
    nothing in a thread that has no reply.
    """
    async with harness.running():
        root = await harness.mention("instructions show")
        await harness.workspace.until(lambda: harness.workspace.ephemerals)
        await harness.mention("instructions show", thread=root.ts)
        await harness.workspace.until(lambda: len(harness.workspace.ephemerals) == 2)
    at_the_top, in_the_thread = harness.workspace.ephemerals
    assert (at_the_top.user, at_the_top.thread_ts) == (harness.ana.id, None)
    assert (in_the_thread.user, in_the_thread.thread_ts) == (harness.ana.id, root.ts)
    assert harness.answers(root) == []


@pytest.mark.parametrize(
    "fault",
    [
        Fault.error("org_login_required"),
        Fault.error("an_error_that_is_in_no_list"),
        Fault.refusal({}),
        Fault.rate_limited(1),
        Fault.status(503),
    ],
    ids=repr,
)
async def test_a_refusal_that_passes(harness: BotHarness, fault: Fault) -> None:
    """The person reads the message all the same, once."""
    harness.workspace.faults.add("chat.postEphemeral", fault)
    async with harness.running():
        await harness.mention("instructions show")
        await harness.workspace.until(lambda: harness.workspace.ephemerals)
        await harness.service.bot.idle()
    (told,) = harness.workspace.ephemerals
    assert told.user == harness.ana.id


async def test_a_message_that_may_be_there_is_not_sent_twice(harness: BotHarness) -> None:
    """Where the connection is lost nobody knows, and a second one would puzzle the person."""
    harness.workspace.faults.add("chat.postEphemeral", Fault.reset_after())
    async with harness.running():
        await harness.mention("instructions show")
        await harness.workspace.until(lambda: harness.workspace.ephemerals)
        await harness.verify_dialog([(f"{harness.bot.mention} hello", "Ahoy")])
    assert len(harness.workspace.ephemerals) == 1


async def test_a_refusal_for_good(harness: BotHarness, caplog: pytest.LogCaptureFixture) -> None:
    """The person gets it as a direct message that says where it belongs; the log has no word of
    its text.
    """
    caplog.set_level(logging.INFO, "slackbot.delivery.ephemeral")
    harness.workspace.faults.add("chat.postEphemeral", Fault.error("user_not_in_channel"))
    direct = harness.workspace.direct_message(harness.ana)
    async with harness.running():
        question = await harness.mention("instructions show")
        await harness.workspace.until(lambda: said_in(harness, direct))
        assert harness.answers(question) == []
    (told,) = said_in(harness, direct)
    assert "pirate" in told
    assert f"<#{harness.general.id}>" in told
    assert harness.workspace.ephemerals == []
    lines = [each for each in caplog.records if each.name == "slackbot.delivery.ephemeral"]
    assert all(harness.general.id in each.getMessage() for each in lines)
    assert not any("pirate" in each.getMessage() for each in lines)


async def test_a_person_who_can_not_be_told(
    harness: BotHarness, caplog: pytest.LogCaptureFixture
) -> None:
    """Where Slack takes no direct message either, the log says so once."""
    for method in ("chat.postEphemeral", "chat.postMessage"):
        harness.workspace.faults.add(method, Fault.error("missing_scope"))
    async with harness.running():
        await harness.mention("instructions show")
        await harness.workspace.until(lambda: not harness.workspace.faults.pending)
        await harness.verify_dialog([(f"{harness.bot.mention} hello", "Ahoy")])
    lines = [each for each in caplog.records if each.name == "slackbot.delivery.ephemeral"]
    (line,) = [each for each in lines if each.levelno >= logging.WARNING]
    assert harness.general.id in line.getMessage()


def said_in(harness: BotHarness, channel: Channel) -> list[str]:
    """What the bot says in a channel."""
    messages = harness.workspace.messages.values()
    return [
        each.shown for each in messages if each.channel == channel.id and each.author == harness.bot
    ]


@pytest.mark.parametrize("place", ["channel", "thread", "direct message"])
async def test_it_goes_where_the_person_sees_it(harness: BotHarness, place: str) -> None:
    """Slack shows none in a thread without a reply, so it goes to the channel then."""
    for method in ("chat.postMessage", "chat.startStream"):
        harness.workspace.faults.add(method, Fault.error("restricted_action"), times=9)
    async with harness.running():
        if place == "direct message":
            channel = harness.workspace.direct_message(harness.ana)
            question = await harness.workspace.say(harness.ana, channel, "hello")
        else:
            root = await harness.workspace.say(harness.ben, harness.general, "good morning")
            in_thread = root.ts if place == "thread" else None
            question = await harness.mention("hello", thread=in_thread)
        await harness.workspace.until(lambda: harness.workspace.ephemerals)
    (told,) = harness.workspace.ephemerals
    thread = question.thread_ts or question.ts
    assert told.thread_ts == (None if place == "channel" else thread)
