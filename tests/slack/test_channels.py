"""What Slack says about channels and who is in them; test_visibility.py attacks what follows."""

from collections.abc import AsyncIterator

import pytest

from slackbot.conversation.channel_rights import Place
from slackbot.conversation.ids import ChannelId, TeamId, UserId
from slackbot.errors import DeliveryError, UnreachableError
from slackbot.playground.fake_slack.faults import Fault
from slackbot.playground.fake_slack.members import Channel
from slackbot.slack import channels as slack_channels
from slackbot.slack.channels import SlackChannels
from slackbot.slack.client import web_client
from slackbot.slack.users import SlackUsers
from tests.harness import BotHarness


@pytest.fixture
async def channels(harness: BotHarness) -> AsyncIterator[SlackChannels]:
    async with web_client(harness.workspace.url, harness.workspace.bot_token) as client:
        users = SlackUsers(client, TeamId(harness.workspace.team.team_id))
        yield SlackChannels(client, users)
        await users.close()


async def test_kinds_of_places(harness: BotHarness, channels: SlackChannels) -> None:
    """A direct message has one reader; a group message is a private place of several."""
    workspace, ana, ben = harness.workspace, harness.ana, harness.ben
    shared = workspace.add_channel("with-acme")
    shared.ext_shared = True

    async def place(channel: Channel) -> tuple[bool, bool, bool]:
        found = await channels.place(ChannelId(channel.id))
        return found.is_public, found.is_direct, found.is_shared

    assert await place(harness.general) == (True, False, False)
    assert await place(workspace.add_channel("board", private=True)) == (False, False, False)
    assert await place(workspace.direct_message(ana)) == (False, True, False)
    assert await place(workspace.group_message(ana, ben)) == (False, False, False)
    assert await place(shared) == (True, False, True)
    with pytest.raises(DeliveryError):
        await channels.place(ChannelId("C404"))


async def test_who_sees_a_place(
    harness: BotHarness, channels: SlackChannels, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Members are found on whatever page they are."""
    monkeypatch.setattr(slack_channels, "MEMBERS_PAGE_SIZE", 2)
    everybody = [harness.workspace.add_person(f"p{number}") for number in range(5)]
    board = harness.workspace.add_channel("board", members=everybody, private=True)
    place = await channels.place(ChannelId(board.id))
    assert all([await channels.sees(UserId(each.id), place) for each in everybody])
    assert not await channels.sees(UserId(harness.ana.id), place)


async def test_slack_does_not_say(harness: BotHarness, channels: SlackChannels) -> None:
    """Then nobody knows what a person sees."""
    harness.workspace.faults.add("conversations.members", Fault.status(503), times=4)
    with pytest.raises(UnreachableError):
        await channels.sees(UserId(harness.ana.id), Place(ChannelId(harness.general.id)))
