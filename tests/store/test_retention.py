"""Conversations that nobody touches are deleted after so many days, by Slack's clock."""

import asyncio
import json
import logging
import sqlite3
import time
from collections.abc import Mapping
from contextlib import closing
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest

from slackbot.conversation.changes import Rated
from slackbot.conversation.controls import Press
from slackbot.conversation.history import Answer, Conversation, Turn, UserMessage
from slackbot.conversation.ids import ChannelId, TeamId, Ts, UserId
from slackbot.conversation.inbox_events import ButtonPressed
from slackbot.conversation.messages import Message, QueuedMessage, ThreadKey
from slackbot.playground.fake_slack.faults import Fault, FaultAnswer
from slackbot.playground.fake_slack.messages import PostedMessage
from slackbot.store import RecordStore
from slackbot.store.retention import clean_up
from tests.harness import BotHarness
from tests.store.rows import receive, rows, sql

DAYS = {"SLACKBOT_RETENTION_DAYS": "30"}


THREAD = ThreadKey(TeamId("T1"), ChannelId("C1"), Ts("1700000000.000100"))
NEWEST = 1_700_000_001.0
"""When the last message of the thread was posted."""

DAY = 86_400.0


class Heard(logging.Filter):
    """Waits for a line of the log that begins so."""

    def __init__(self, line: str) -> None:
        super().__init__()
        self.event = asyncio.Event()
        self._line = line

    def filter(self, record: logging.LogRecord) -> bool:
        if record.getMessage().startswith(self._line):
            self.event.set()
        return True


def age(harness: BotHarness, days: float, root: PostedMessage | None = None) -> None:
    """Makes the conversation under this message so old, or all that are stored."""
    path = harness.environment["DATABASE_URL"].removeprefix("sqlite:///")
    with closing(sqlite3.connect(path)) as other, other:
        which = "header/%" if root is None else f"header/%{root.ts}"
        rows = other.execute("SELECT key, value FROM store WHERE key LIKE ?", (which,)).fetchall()
        for key, value in rows:
            header = {**json.loads(value), "newest": int(time.time() - days * 86_400)}
            other.execute("UPDATE store SET value = ? WHERE key = ?", (json.dumps(header), key))


def threads(harness: BotHarness) -> int:
    """How many conversations are stored."""
    path = harness.environment["DATABASE_URL"].removeprefix("sqlite:///")
    with closing(sqlite3.connect(path)) as other:
        counted = other.execute("SELECT count(*) FROM store WHERE key LIKE 'header/%'")
        number: int = counted.fetchone()[0]
    return number


async def test_the_untouched_are_deleted(
    harness: BotHarness, caplog: pytest.LogCaptureFixture
) -> None:
    """At its start, and every hour, the bot deletes what is too old; the rest it keeps."""
    async with harness.running(DAYS):
        old = await harness.verify_dialog([(f"{harness.bot.mention} hello", "Ahoy")])
    age(harness, days=31)
    async with harness.running():
        new = await harness.verify_dialog([(f"{harness.bot.mention} hi", "Hi")])
    assert threads(harness) == 2
    deleted = Heard("Deleted 1 conversation(s), untouched for 30 days")
    with caplog.at_level(logging.INFO, "slackbot.store.retention"):
        logging.getLogger("slackbot.store.retention").addFilter(deleted)
        async with harness.running(DAYS):
            await deleted.event.wait()
            assert threads(harness) == 1
            harness.model.enqueue("again")
            await harness.mention("and?", thread=new.ts)
            await harness.answered(new, "Hi", "again")
            assert [content for *_, content in harness.history()] == ["hi", "Hi", "and?"]
            await harness.workspace.say(harness.ana, harness.general, "not for you", thread=old.ts)
            await harness.all_acknowledged()
        logging.getLogger("slackbot.store.retention").removeFilter(deleted)
    assert len(harness.model.requests) == 3


async def test_what_is_touched_stays(harness: BotHarness) -> None:
    """A turn or a change makes a conversation young again; without the setting all stay."""
    async with harness.running():
        root = await harness.verify_dialog([(f"{harness.bot.mention} hello", "Ahoy")])
    age(harness, days=31)
    async with harness.running():
        (answer,) = harness.answers(root)
        await harness.workspace.click(harness.ana, answer, "slackbot_feedback", "good")
    async with harness.running(DAYS):
        await harness.verify_dialog([(f"{harness.bot.mention} hi", "Hi")])
    assert threads(harness) == 2


async def test_the_last_day_counts_to_its_end(
    harness: BotHarness, caplog: pytest.LogCaptureFixture
) -> None:
    """A conversation is kept until its last day is over, and not a quarter of an hour less."""
    minutes = 1 / (24 * 60)
    async with harness.running():
        old = await harness.verify_dialog([(f"{harness.bot.mention} hello", "Ahoy")])
        young = await harness.verify_dialog([(f"{harness.bot.mention} hi", "Hi")])
    age(harness, 30 + 15 * minutes, old)
    age(harness, 30 - 15 * minutes, young)
    deleted = Heard("Deleted ")
    with caplog.at_level(logging.INFO, "slackbot.store.retention"):
        logging.getLogger("slackbot.store.retention").addFilter(deleted)
        async with harness.running(DAYS):
            await deleted.event.wait()
        logging.getLogger("slackbot.store.retention").removeFilter(deleted)
    assert threads(harness) == 1


async def test_clocks_that_disagree_delete_nothing(
    harness: BotHarness, caplog: pytest.LogCaptureFixture
) -> None:
    """If Slack says that it is 400 days later, the round is skipped, and the log says why."""
    async with harness.running():
        await harness.verify_dialog([(f"{harness.bot.mention} hello", "Ahoy")])
    asked = 0

    def is_for_the_time(_: Mapping[str, Any]) -> bool:
        nonlocal asked
        asked += 1
        return asked > 1  # the first call asks whose token it is

    later = {"Date": formatdate(time.time() + 400 * DAY, usegmt=True)}
    answer = Fault("answer", FaultAnswer(200, {"ok": True, "user": "bot", "user_id": "U1"}, later))
    harness.workspace.faults.add("auth.test", answer, when=is_for_the_time)
    skipped = Heard("The machine's clock is -")
    logger = logging.getLogger("slackbot.store.retention")
    with caplog.at_level(logging.INFO, logger.name):
        logger.addFilter(skipped)
        async with harness.running(DAYS):
            await skipped.event.wait()
        logger.removeFilter(skipped)
    assert threads(harness) == 1


async def told(store: RecordStore) -> None:
    """One turn."""
    message = Message(THREAD, THREAD.ts, UserId("U1"), "hello")
    await receive(store, message)
    said = (UserMessage("Ann", "hello", message.ts, message.user),)
    turn = Turn(said, Answer("Ahoy"), (Ts("1700000001.000100"),))
    assert await store.commit(THREAD, Conversation((turn,)), 1, [QueuedMessage(message)])


class Clocks:
    def __init__(self, slack: float, machine: float) -> None:
        self._slack = slack
        self._machine = machine

    async def slack(self) -> float:
        return self._slack

    def machine(self) -> float:
        return self._machine


@pytest.mark.parametrize(
    ("slack", "machine", "deleted"),
    [
        (NEWEST + 31 * DAY, NEWEST + 31 * DAY, True),
        (NEWEST + 31 * DAY, NEWEST + 31 * DAY + 3_000, True),
        (NEWEST + 29 * DAY, NEWEST + 29 * DAY, False),
        (NEWEST + 1, NEWEST + 400 * DAY, False),
        (NEWEST + 400 * DAY, NEWEST + 1, False),
    ],
)
async def test_both_clocks_must_agree(
    store: RecordStore, slack: float, machine: float, *, deleted: bool
) -> None:
    """The machine's clock alone deletes nothing, however wrong it is."""
    await told(store)
    await clean_up(30, store, Clocks(slack, machine))
    assert (not (await store.load(THREAD)).turns) is deleted


async def test_a_conversation_is_as_old_as_its_newest_message(
    store: RecordStore, path: Path
) -> None:
    """By Slack's timestamps; a change counts too, at its own time, and damage changes nothing."""
    await told(store)
    assert (await store.forget_untouched(NEWEST)).conversations == 0
    assert json.loads(rows(path)[f"header/T1/C1/{THREAD.ts}"])["newest"] == NEWEST
    reply, later = Ts("1700000001.000100"), Ts("1700009000.000100")
    await store.append(
        ButtonPressed(Press(THREAD, reply, UserId("U1"), "good", "", later)), opens=True
    )
    (event,) = await store.events(THREAD)
    await store.fold(THREAD, event.number, reply, Rated(reply, UserId("U1"), "good"))
    assert (await store.forget_untouched(1_700_009_000.0)).conversations == 0
    sql(path, "UPDATE store SET value = 'no JSON' WHERE key LIKE 'header/%'")
    assert (await store.forget_untouched(NEWEST)).conversations == 0
    assert any(key.startswith("corrupt/") for key in rows(path))
    assert (await store.forget_untouched(NEWEST + 1)).conversations == 1
    assert not any(key.startswith("corrupt/") for key in rows(path))
