"""Notes in channels, over real HTTP."""

from collections.abc import AsyncIterator

import pytest

from slackbot.conversation.ids import ChannelId
from slackbot.playground.fake_slack.faults import Fault
from slackbot.slack.channel_notes import ChannelNotes
from slackbot.slack.client import web_client
from tests.harness import BotHarness


@pytest.fixture
async def notes(harness: BotHarness) -> AsyncIterator[ChannelNotes]:
    async with web_client(harness.workspace.url, harness.workspace.bot_token) as client:
        yield ChannelNotes(client)


@pytest.mark.parametrize(
    "fault",
    [
        Fault.rate_limited(),
        Fault.reset_before(),
        Fault.reset_after(),
        Fault.foreign(502, b"<html></html>", "text/html"),
        Fault.foreign(502, b"<html></html>", "text/html", after=True),
        Fault.foreign(200, b'{"ok": true}', "application/json", after=True),
    ],
)
async def test_a_note_stands_once(harness: BotHarness, notes: ChannelNotes, fault: Fault) -> None:
    """Whether an attempt without an answer has posted it or not."""
    channel = harness.general
    harness.workspace.faults.add("chat.postMessage", fault)
    await notes.post(ChannelId(channel.id), "The same note.")
    await notes.post(ChannelId(channel.id), "The same note.")
    posted = [each.text for each in harness.workspace.messages.values()]
    assert posted == ["The same note."] * 2
