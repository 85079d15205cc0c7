"""Conversations that nobody touches are deleted after so many days."""

import asyncio
import json
import logging
import sqlite3
import time
from contextlib import closing

import pytest

from slackbot.playground.fake_slack.messages import PostedMessage
from tests.harness import BotHarness

DAYS = {"SLACKBOT_RETENTION_DAYS": "30"}


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
    with closing(sqlite3.connect(path)) as beside, beside:
        which = "header/%" if root is None else f"header/%{root.ts}"
        rows = beside.execute("SELECT key, value FROM store WHERE key LIKE ?", (which,)).fetchall()
        for key, value in rows:
            header = {**json.loads(value), "touched": int(time.time() - days * 86_400)}
            beside.execute("UPDATE store SET value = ? WHERE key = ?", (json.dumps(header), key))


def threads(harness: BotHarness) -> int:
    """How many conversations are stored."""
    path = harness.environment["DATABASE_URL"].removeprefix("sqlite:///")
    with closing(sqlite3.connect(path)) as beside:
        counted = beside.execute("SELECT count(*) FROM store WHERE key LIKE 'header/%'")
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
