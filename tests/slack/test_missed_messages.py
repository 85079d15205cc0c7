"""What was missed is read from a channel, or from a thread."""

from collections.abc import AsyncIterator

import pytest

from slackbot.conversation.ids import ChannelId, TeamId, Ts
from slackbot.conversation.messages import ThreadKey
from slackbot.errors import DeliveryError
from slackbot.playground.fake_slack.faults import Fault
from slackbot.slack.client import web_client
from slackbot.slack.conversation_pages import PAGE_SIZE
from slackbot.slack.identity import identify
from slackbot.slack.missed_messages import SlackMissedMessages
from slackbot.turns.catch_up import MissedPlace
from tests.harness import BotHarness


@pytest.fixture
async def missed(harness: BotHarness) -> AsyncIterator[SlackMissedMessages]:
    async with web_client(harness.workspace.url, harness.workspace.bot_token) as client:
        yield SlackMissedMessages(client, await identify(client))


async def test_a_channel(harness: BotHarness, missed: SlackMissedMessages) -> None:
    """The messages at its top level come oldest first, from the first one missed on, as they are
    now; replies and what was deleted are left out.
    """
    ana, ben = harness.ana, harness.ben
    await harness.said_before(ana, "before")
    first = await harness.said_before(ana, "one")
    await harness.said_before(ben, "a reply", thread=first.ts)
    gone = await harness.said_before(ben, "gone")
    last = await harness.said_before(ben, "two")
    harness.workspace.feed.connection_timeout = 0.0
    await harness.workspace.edit(ana, first, "one, edited")
    await harness.workspace.delete(ben, gone)
    found = await missed.since(MissedPlace(ChannelId(harness.general.id), None), Ts(first.ts))
    assert [(each.ts, each.markup) for each in found] == [
        (first.ts, "one, edited"),
        (last.ts, "two"),
    ]
    assert all(each.starts_thread for each in found)


async def test_a_thread(harness: BotHarness, missed: SlackMissedMessages) -> None:
    """Only replies from the first one missed on count, although Slack sends the thread's first
    message with them.
    """
    root = await harness.said_before(harness.ana, "root")
    await harness.said_before(harness.ben, "before", thread=root.ts)
    reply = await harness.said_before(harness.ben, "one", thread=root.ts)
    team, channel = TeamId(harness.workspace.team.team_id), ChannelId(harness.general.id)
    thread = ThreadKey(team, channel, Ts(root.ts))
    found = await missed.since(MissedPlace(channel, thread), Ts(reply.ts))
    assert [(each.ts, each.thread, each.user) for each in found] == [
        (reply.ts, thread, harness.ben.id)
    ]


async def test_all_pages_are_read(harness: BotHarness, missed: SlackMissedMessages) -> None:
    """Nothing is missed again where there is more than one page."""
    said = [await harness.said_before(harness.ana, str(number)) for number in range(PAGE_SIZE + 5)]
    found = await missed.since(MissedPlace(ChannelId(harness.general.id), None), Ts(said[0].ts))
    assert [each.ts for each in found] == [each.ts for each in said]


async def test_failures(harness: BotHarness, missed: SlackMissedMessages) -> None:
    """A failure that passes is tried again; a channel that can't be read is an error."""
    said = await harness.said_before(harness.ana, "one")
    place = MissedPlace(ChannelId(harness.general.id), None)
    harness.workspace.faults.add("conversations.history", Fault.status(503))
    assert [each.ts for each in await missed.since(place, Ts(said.ts))] == [said.ts]
    with pytest.raises(DeliveryError, match="rejected"):
        await missed.since(MissedPlace(ChannelId("C404"), None), Ts(said.ts))
