"""The whole bot on a database with a damaged page."""

import asyncio
from pathlib import Path

import pytest

from slackbot.markdown.notes import with_notes
from slackbot.playground.fake_slack.messages import PostedMessage
from slackbot.turns.texts import LOST_HISTORY
from tests.harness import BotHarness
from tests.store.rows import file_of
from tests.store.sqlite.test_repair import PAGE
from tests.tools.tool_calls import call_tool

RETENTION = {"SLACKBOT_RETENTION_DAYS": "30"}
"""Reads all conversations at the start."""

THREADS = 6

LONG = "aye " * 700 + "so"


async def talk(harness: BotHarness) -> list[PostedMessage]:
    """Some threads are stored, each over several pages."""
    async with harness.running():
        return [
            await harness.verify_dialog([(f"{harness.bot.mention} {number}", LONG)])
            for number in range(THREADS)
        ]


def overwrite(path: Path, page: int, content: bytes) -> None:
    changed = bytearray(content)
    changed[page * PAGE : (page + 1) * PAGE] = b"\xff" * PAGE
    path.write_bytes(changed)


FORGETFUL = "\n\n" + with_notes("", LOST_HISTORY)
"""Under an answer in a thread whose earlier rows were lost."""


@pytest.mark.timeout(180)
async def test_people_are_answered_whichever_page_is_damaged(harness: BotHarness) -> None:
    """The search tool, the retention, old threads and new ones: all go on, and the bot stops.

    What the database has lost of a thread is read from Slack.
    """
    threads = await talk(harness)
    path = file_of(harness.environment["DATABASE_URL"])
    content = await asyncio.to_thread(path.read_bytes)
    for page in range(1, len(content) // PAGE):  # without the first, it is no database
        await asyncio.to_thread(overwrite, path, page, content)
        async with harness.running(RETENTION):
            assert "Error" not in await call_tool(
                harness, "search_conversations", '{"words": "aye"}'
            )
            for root in threads:
                harness.model.enqueue("Still here.")
                _, answer = await harness.ask("and now?", thread=root.ts)
                assert answer.removesuffix(FORGETFUL) == "Still here."
                assert LONG in [content for _, _, content in harness.history()]
