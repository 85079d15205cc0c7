"""The store fails for a while: people are told, and what they wrote is not lost."""

import logging
from collections.abc import Iterator

import pytest

from slackbot import backoff
from slackbot.playground.fake_slack.delivery import Delivery
from slackbot.playground.fake_slack.faults import Fault
from slackbot.playground.fake_slack.members import Person
from slackbot.playground.fake_slack.messages import PostedMessage
from slackbot.playground.fake_slack.workspace import Workspace
from slackbot.turns import catch_up, texts
from tests.harness import BotHarness
from tests.store.faults import failing_writes, full_disk, write_locked
from tests.store.rows import file_of


class Notifier(logging.Handler):
    """Has the tests that wait look again at each line of the log."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self._workspace = workspace

    def emit(self, record: logging.LogRecord) -> None:  # noqa: ARG002 - the line is in caplog
        self._workspace.changes.notify()


@pytest.fixture(autouse=True)
def _impatient(harness: BotHarness) -> Iterator[None]:
    """Slack gives up soon, and tests can wait for the log."""
    harness.workspace.feed.ack_timeout = 0.05
    log, notifier = logging.getLogger("slackbot.turns.catch_up"), Notifier(harness.workspace)
    log.addHandler(notifier)
    yield
    log.removeHandler(notifier)


def methods(harness: BotHarness) -> list[str]:
    return [call.method for call in harness.workspace.calls]


async def lost(harness: BotHarness, person: Person, text: str, thread: str = "") -> PostedMessage:
    """What somebody says while the store fails, once Slack has given up delivering it."""
    workspace = harness.workspace
    message = await workspace.say(person, harness.general, text, thread=thread or None)
    assert not any(each.acknowledged for each in deliveries(harness, message))
    return message


def deliveries(harness: BotHarness, message: PostedMessage) -> list[Delivery]:
    return [
        each
        for each in harness.workspace.deliveries
        if each.payload.get("event", {}).get("ts") == message.ts
    ]


async def test_questions_of_an_outage_are_answered_after_it(harness: BotHarness) -> None:
    """Who asks while the disk is full is told so once, and only they see it; what Slack gave up
    delivering is answered once there is room.
    """
    url, mention = harness.environment["DATABASE_URL"], harness.bot.mention
    async with harness.running():
        root = await harness.verify_dialog([(f"{mention} hello", "Ahoy")])
        with full_disk(file_of(url)):
            first = await lost(harness, harness.ana, f"{mention} one")
            second = await lost(harness, harness.ana, f"{mention} two")
            await lost(harness, harness.ben, f"{mention} three", root.ts)
            follow_up = await lost(harness, harness.ben, "four", root.ts)
            await harness.workspace.until(lambda: len(harness.workspace.ephemerals) == 2)
        for question in (first, second):
            await harness.finished(question)
        await harness.workspace.until(lambda: len(harness.answers(root)) >= 2)
        await harness.service.bot.idle()
    assert [len(harness.answers(each)) for each in (first, second)] == [1, 1]
    asked = " ".join(
        content
        for request in range(len(harness.model.requests))
        for _, _, content in harness.history(request)
    )
    assert all(text in asked for text in ("one", "two", "three", "four"))
    told = [(each.user, each.thread_ts, each.text) for each in harness.workspace.ephemerals]
    assert told == [
        (harness.ana.id, None, texts.CANT_STORE),
        (harness.ben.id, root.ts, texts.CANT_STORE),
    ]
    assert follow_up.thread_ts == root.ts


async def test_what_was_never_delivered_is_read_from_slack(harness: BotHarness) -> None:
    """A platform passes nothing on to a bot that is not ready: what was written after the first
    failure is found in the channel and in the thread, once each.
    """
    url, mention = harness.environment["DATABASE_URL"], harness.bot.mention
    async with harness.running():
        root = await harness.verify_dialog([(f"{mention} hello", "Ahoy")])
        async with harness.workspace.hold_events():
            with full_disk(file_of(url)):
                held = [
                    await harness.mention("one"),
                    await harness.workspace.say(
                        harness.ben, harness.general, "two", thread=root.ts
                    ),
                ]
                for message in held:
                    (delivery,) = deliveries(harness, message)[:1]
                    await harness.workspace.release(delivery)
                never = await harness.mention("three")
                await harness.workspace.say(harness.ana, harness.general, "four", thread=root.ts)
            await harness.finished(held[0])
            await harness.finished(never)
            await harness.workspace.until(
                lambda: "four" in str([request["messages"] for request in harness.model.requests])
            )
        await harness.service.bot.idle()
        assert len(harness.answers(held[0])) == len(harness.answers(never)) == 1
    assert methods(harness).count("conversations.history") == 1
    assert methods(harness).count("conversations.replies") == 1


async def test_a_damaged_thread_holds_up_no_other(harness: BotHarness) -> None:
    """What still can't be stored when the store works again is tried on, and the rest is answered
    meanwhile.
    """
    url = harness.environment["DATABASE_URL"]
    async with harness.running():
        async with harness.workspace.hold_events() as held:
            damaged, intact = await harness.mention("one"), await harness.mention("two")
            with failing_writes(url, damaged.ts):
                with full_disk(file_of(url)):
                    for delivery in [*held]:
                        await harness.workspace.release(delivery)
                await harness.finished(intact)
                assert harness.answers(damaged) == []
        await harness.finished(damaged)
        await harness.service.bot.idle()
    assert [len(harness.answers(each)) for each in (damaged, intact)] == [1, 1]


async def test_edits_and_deletions_of_an_outage(harness: BotHarness) -> None:
    """They count once the store works: the edited question is answered again, and the deleted one
    is answered no more.
    """
    url, mention = harness.environment["DATABASE_URL"], harness.bot.mention
    async with harness.running():
        edited = await harness.verify_dialog([(f"{mention} hello", "Ahoy")])
        with full_disk(file_of(url)):
            await harness.workspace.edit(harness.ana, edited, f"{mention} good evening")
            deleted = await lost(harness, harness.ben, f"{mention} never mind")
            await harness.workspace.delete(harness.ben, deleted)
        harness.model.enqueue("Good evening")
        await harness.answered(edited, "Good evening")
        await harness.service.bot.idle()
        assert harness.answers(deleted) == []
    assert len(harness.model.requests) == 2


async def test_threads_of_others_are_left_alone(
    harness: BotHarness, caplog: pytest.LogCaptureFixture
) -> None:
    """What people say among themselves while the store fails is not read from Slack."""
    async with harness.running():
        theirs = await harness.workspace.say(harness.ana, harness.general, "lunch?")
        with write_locked(harness.environment["DATABASE_URL"]):
            await lost(harness, harness.ben, "yes", theirs.ts)
            await harness.workspace.until(lambda: "Events can't be stored" in caplog.text)
        await harness.workspace.until(lambda: "what was missed is in it" in caplog.text)
        assert harness.answers(theirs) == []
        assert harness.workspace.ephemerals == []
    assert "conversations.replies" not in methods(harness)


@pytest.mark.parametrize("fault", [Fault.rate_limited(1), Fault.error("channel_not_found")])
async def test_slack_does_not_show_its_history(
    harness: BotHarness, caplog: pytest.LogCaptureFixture, fault: Fault
) -> None:
    """What was delivered is answered without it."""
    url, mention = harness.environment["DATABASE_URL"], harness.bot.mention
    harness.workspace.faults.add("conversations.history", fault)
    async with harness.running():
        with full_disk(file_of(url)):
            question = await lost(harness, harness.ana, f"{mention} hello")
        await harness.finished(question)
        await harness.workspace.until(lambda: "what was missed is in it" in caplog.text)
    loud = [each.levelno for each in caplog.records if each.name == "slackbot.turns.catch_up"]
    assert logging.ERROR in loud


async def test_a_button_pressed_in_an_outage(harness: BotHarness) -> None:
    """Whoever presses one is asked to press it again later, and nothing happens by itself."""
    url, mention = harness.environment["DATABASE_URL"], harness.bot.mention
    async with harness.running():
        root = await harness.verify_dialog([(f"{mention} hello", "Ahoy")])
        with full_disk(file_of(url)):
            await harness.press(harness.ana, root, "again")
            await harness.workspace.until(lambda: harness.workspace.ephemerals)
        await harness.service.bot.idle()
    (told,) = harness.workspace.ephemerals
    assert (told.user, told.text) == (harness.ana.id, texts.CANT_STORE_PRESS)
    assert len(harness.model.requests) == 1


async def test_a_channel_whose_history_slack_refuses(
    harness: BotHarness, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It holds up no other channel, and Slack is asked only so often. People are told again in the
    next outage.
    """
    monkeypatch.setattr(catch_up, "MAX_READS", 3)
    monkeypatch.setattr(backoff, "LONGEST_PAUSE_SECONDS", 0.05)
    url, mention = harness.environment["DATABASE_URL"], harness.bot.mention
    other = harness.workspace.add_channel("other", members=[harness.ana])
    harness.workspace.faults.add(
        "conversations.history",
        Fault.error("an_error_that_is_in_no_list"),
        times=10_000,
        when=lambda arguments: arguments["channel"] == harness.general.id,
    )
    async with harness.running():
        async with harness.workspace.hold_events():
            with full_disk(file_of(url)):
                first = await harness.mention("one")
                second = await harness.workspace.say(harness.ana, other, f"{mention} two")
                for message in (first, second):
                    await harness.workspace.release(deliveries(harness, message)[0])
                never = await harness.workspace.say(harness.ana, other, f"{mention} three")
            for question in (first, second, never):
                await harness.finished(question)
            await harness.workspace.until(lambda: "is given up" in caplog.text)
        await harness.service.bot.idle()
        asked = [each for each in harness.workspace.calls if each.method == "conversations.history"]
        refused = [each for each in asked if each.error]
        assert (len(refused), len(asked)) == (4 * catch_up.MAX_READS, len(refused) + 1)
        told = len(harness.workspace.ephemerals)
        with full_disk(file_of(url)):
            await lost(harness, harness.ana, f"{mention} four")
            await harness.workspace.until(lambda: len(harness.workspace.ephemerals) > told)
