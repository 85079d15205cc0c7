"""Conversations that nobody touches are deleted after so many days."""

import asyncio
import json
import logging
import sqlite3
import time
from contextlib import closing

import pytest

from tests.harness import Stage

DAYS = {"SLACKBOT_RETENTION_DAYS": "30"}


class Heard(logging.Filter):
    """Waits for a line of the log."""

    def __init__(self, line: str) -> None:
        super().__init__()
        self.event = asyncio.Event()
        self._line = line

    def filter(self, record: logging.LogRecord) -> bool:
        if record.getMessage() == self._line:
            self.event.set()
        return True


def age(stage: Stage, days: float) -> None:
    """Makes all conversations that are stored so old."""
    path = stage.environment["DATABASE_URL"].removeprefix("sqlite:///")
    with closing(sqlite3.connect(path)) as beside, beside:
        rows = beside.execute("SELECT key, value FROM store WHERE key LIKE 'header/%'").fetchall()
        for key, value in rows:
            header = {**json.loads(value), "touched": int(time.time() - days * 86_400)}
            beside.execute("UPDATE store SET value = ? WHERE key = ?", (json.dumps(header), key))


def threads(stage: Stage) -> int:
    """How many conversations are stored."""
    path = stage.environment["DATABASE_URL"].removeprefix("sqlite:///")
    with closing(sqlite3.connect(path)) as beside:
        counted = beside.execute("SELECT count(*) FROM store WHERE key LIKE 'header/%'")
        number: int = counted.fetchone()[0]
    return number


async def test_the_untouched_are_deleted(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    """At its start, and every hour, the bot deletes what is too old; the rest it keeps."""
    async with stage.playing(DAYS):
        old = await stage.verify_dialog([(f"{stage.bot.mention} hello", "Ahoy")])
    age(stage, days=31)
    async with stage.playing():
        new = await stage.verify_dialog([(f"{stage.bot.mention} hi", "Hi")])
    assert threads(stage) == 2
    deleted = Heard("Deleted 1 conversation(s), untouched for 30 days")
    with caplog.at_level(logging.INFO, "slackbot.store.retention"):
        logging.getLogger("slackbot.store.retention").addFilter(deleted)
        async with stage.playing(DAYS):
            await deleted.event.wait()
            assert threads(stage) == 1
            stage.model.enqueue("again")
            await stage.mention("and?", thread=new.ts)
            await stage.answered(new, "Hi", "again")
            assert [content for *_, content in stage.history()] == ["hi", "Hi", "and?"]
            await stage.workspace.say(stage.ana, stage.general, "not for you", thread=old.ts)
            await stage.all_acknowledged()
        logging.getLogger("slackbot.store.retention").removeFilter(deleted)
    assert len(stage.model.requests) == 3


async def test_what_is_touched_stays(stage: Stage) -> None:
    """A turn or a change makes a conversation young again; without the setting all stay."""
    async with stage.playing():
        root = await stage.verify_dialog([(f"{stage.bot.mention} hello", "Ahoy")])
    age(stage, days=31)
    async with stage.playing():
        (answer,) = stage.answers(root)
        await stage.workspace.click(stage.ana, answer, "slackbot_feedback", "good")
    async with stage.playing(DAYS):
        await stage.verify_dialog([(f"{stage.bot.mention} hi", "Hi")])
    assert threads(stage) == 2
