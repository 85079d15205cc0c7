"""Who started a thread, and where the bot is a member."""

from collections.abc import AsyncIterator

import pytest

from slackbot.conversation.ids import ChannelId, TeamId, Ts, UserId
from slackbot.conversation.roles import Member, Role
from slackbot.errors import DeliveryError
from slackbot.instructions.scopes import Scope
from slackbot.playground.fake_slack.faults import Fault
from slackbot.slack.client import web_client
from slackbot.slack.members import SlackMembers
from slackbot.slack.users import SlackUsers
from tests.harness import BotHarness


@pytest.fixture
async def members(harness: BotHarness) -> AsyncIterator[SlackMembers]:
    async with web_client(harness.workspace.url, harness.workspace.bot_token) as client:
        users = SlackUsers(client, TeamId(harness.workspace.team.team_id))
        yield SlackMembers(client, users)
        await users.close()


async def test_roles(harness: BotHarness, members: SlackMembers) -> None:
    """They are those that SlackUsers knows."""
    ada = harness.workspace.add_person("Ada", admin=True)
    assert await members.member(UserId(ada.id)) == Member(UserId(ada.id), Role.ADMIN)
    assert await members.fresh_member(UserId(ada.id)) == Member(UserId(ada.id), Role.ADMIN)


async def test_who_started_a_thread(harness: BotHarness, members: SlackMembers) -> None:
    """The author of its first message, if that is a person."""
    team, channel = harness.workspace.team.team_id, harness.general.id
    root = await harness.said_before(harness.ben, "look at this")
    await harness.said_before(harness.ana, "and this", thread=root.ts)
    assert (
        await members.starter(Scope(TeamId(team), ChannelId(channel), Ts(root.ts)))
        == harness.ben.id
    )
    by_bot = await harness.said_before(harness.bot, "I was here first")
    assert await members.starter(Scope(TeamId(team), ChannelId(channel), Ts(by_bot.ts))) == ""


async def test_who_started_a_thread_through_an_app(
    harness: BotHarness, members: SlackMembers
) -> None:
    """A message that a person posted through an app is the person's."""
    app = harness.workspace.add_person("clock", bot=True)
    root = await harness.said_before(harness.ben, "look at this", through=app)
    scope = Scope(
        TeamId(harness.workspace.team.team_id), ChannelId(harness.general.id), Ts(root.ts)
    )
    assert await members.starter(scope) == harness.ben.id


async def test_who_sees_a_channel(harness: BotHarness, members: SlackMembers) -> None:
    """Members of the workspace see public channels, and others those in which they are."""
    workspace, ana = harness.workspace, UserId(harness.ana.id)
    guest = UserId(workspace.add_person("Gus", restricted=True).id)
    public = ChannelId(workspace.add_channel("lobby").id)
    private = workspace.add_channel("board", private=True)
    hidden = workspace.add_channel("layoffs", members=[harness.ana], private=True, with_bot=False)
    for user, channel, expected in (
        (ana, public, True),
        (guest, public, False),
        (ana, private.id, False),
        (ana, hidden.id, False),
    ):
        assert await members.sees(user, ChannelId(channel)) is expected
    private.members |= {ana, guest}
    assert await members.sees(ana, ChannelId(private.id))
    assert await members.sees(guest, ChannelId(private.id))


async def test_where_the_bot_is_a_member(harness: BotHarness, members: SlackMembers) -> None:
    """In channels that it has joined, and in direct messages."""
    workspace, ana = harness.workspace, harness.ana
    public = workspace.add_channel("away", members=[ana], with_bot=False)
    private = workspace.add_channel("board", members=[ana], private=True, with_bot=False)
    assert await members.presence(ChannelId(harness.general.id)) == "member"
    assert await members.presence(ChannelId(workspace.direct_message(ana).id)) == "member"
    assert await members.presence(ChannelId(public.id)) == "absent"
    assert await members.presence(ChannelId(private.id)) == "absent"
    public.archived = True
    assert await members.presence(ChannelId(public.id)) == "archived"


async def test_when_slack_refuses(harness: BotHarness, members: SlackMembers) -> None:
    """Only a channel that the bot can't see is one that it is not in."""
    harness.workspace.faults.add("conversations.info", Fault.error("missing_scope"))
    with pytest.raises(DeliveryError):
        await members.presence(ChannelId(harness.general.id))
