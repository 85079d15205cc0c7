"""What a person can see in Slack; tests/tools/test_builtin.py has the tool that reads it."""

from collections.abc import AsyncIterator

import pytest

from slackbot.conversation.ids import ChannelId, Ts, UserId
from slackbot.conversation.message_links import MessageLink
from slackbot.errors import UnreachableError
from slackbot.playground.fake_slack.faults import Fault
from slackbot.playground.fake_slack.messages import PostedMessage, new_version
from slackbot.slack.client import web_client
from slackbot.slack.identity import identify
from slackbot.slack.thread_reader import ThreadReader
from slackbot.slack.users import SlackUsers
from slackbot.slack.visibility import SlackVisibility
from tests.harness import BotHarness


@pytest.fixture
async def visibility(harness: BotHarness) -> AsyncIterator[SlackVisibility]:
    async with web_client(harness.workspace.url, harness.workspace.bot_token) as client:
        me = await identify(client)
        users = SlackUsers(client, me.team)
        yield SlackVisibility(client, ThreadReader(client, me), users, me.team)
        await users.close()


def link(message: PostedMessage) -> MessageLink:
    return MessageLink(
        ChannelId(message.channel), Ts(message.ts), Ts(message.thread_ts or message.ts)
    )


async def test_a_private_channel(harness: BotHarness, visibility: SlackVisibility) -> None:
    """Its members see a thread of it, where no others read along; nobody else sees it."""
    ana, ben = harness.ana, harness.ben
    board = harness.workspace.add_channel("board", members=[ben], private=True)
    message = harness.workspace.post(ben, board, new_version("a secret"))
    mine = harness.workspace.direct_message(ben).id
    for here, seen in ((board.id, True), (mine, True), (harness.general.id, False)):
        found = await visibility.thread(link(message), UserId(ben.id), ChannelId(here))
        assert [each.markup for each in found or ()] == (["a secret"] if seen else [])
    assert await visibility.thread(link(message), UserId(ana.id), ChannelId(board.id)) is None


async def test_when_slack_can_not_be_reached(
    harness: BotHarness, visibility: SlackVisibility
) -> None:
    """Then it is not known what the person sees, and nothing is read."""
    message = await harness.said_before(harness.ben, "hello")
    harness.workspace.faults.add("conversations.info", Fault.status(503), times=4)
    with pytest.raises(UnreachableError):
        await visibility.thread(
            link(message), UserId(harness.ana.id), ChannelId(harness.general.id)
        )
    assert [each.method for each in harness.workspace.calls].count("conversations.replies") == 0


async def test_a_time_zone(harness: BotHarness, visibility: SlackVisibility) -> None:
    """It is the one that the person has set."""
    mia = harness.workspace.add_person("Mia", tz=("Asia/Kolkata", 19_800))
    assert await visibility.zone(UserId(mia.id)) == ("Asia/Kolkata", 19_800)
