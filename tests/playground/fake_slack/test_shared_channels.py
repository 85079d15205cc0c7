"""Slack Connect: a channel that several workspaces share."""

import aiohttp
import pytest
from slack_bolt.request import BoltRequest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from slackbot.playground.fake_slack.platform import SlackPlatform
from slackbot.playground.fake_slack.workspace import Workspace
from tests.playground.fake_slack.bare_app import BareApp


class Connection:
    """Ann's workspace has connected a channel with Ben's."""

    def __init__(self, platform: SlackPlatform, session: aiohttp.ClientSession) -> None:
        self.host, self.guest = (platform.add_workspace(name) for name in ("Host", "Guest"))
        self.ann, self.ben = self.host.add_person("ann"), self.guest.add_person("ben")
        platform.install(self.host)
        self.channel = self.host.add_channel("shared", members=[self.ann])
        self._platform, self._session = platform, session

    def client(self, workspace: Workspace) -> AsyncWebClient:
        return AsyncWebClient(
            workspace.bot_token,
            base_url=self._platform.url,
            session=self._session,
            retry_handlers=[],
        )

    def connect(self, *, both_have_the_app: bool) -> None:
        if both_have_the_app:
            self._platform.install(self.guest)
        self._platform.share(self.channel, self.host, self.guest)


@pytest.fixture
def connection(platform: SlackPlatform, session: aiohttp.ClientSession) -> Connection:
    return Connection(platform, session)


async def test_a_person_of_another_workspace(connection: Connection, platform_app: BareApp) -> None:
    """The event says where it comes from, and for whom it is: Bolt takes the latter."""
    connection.connect(both_have_the_app=False)
    await connection.guest.say(connection.ben, connection.channel, "Hello")
    (frame,) = platform_app.received
    payload, host = frame["payload"], connection.host.team.team_id
    assert payload["is_ext_shared_channel"] is True
    assert payload["team_id"] == connection.guest.team.team_id
    assert payload["context_team_id"] == host
    assert [each["team_id"] for each in payload["authorizations"]] == [host]
    assert payload["event"]["user_team"] == payload["event"]["team"] == payload["team_id"]
    context = BoltRequest(body=payload, mode="socket_mode").context
    assert context.team_id == host
    assert context.actor_team_id == connection.guest.team.team_id
    assert connection.host.deliveries
    assert not connection.guest.deliveries


@pytest.mark.parametrize("by_the_host", [True, False])
async def test_an_event_comes_once(
    connection: Connection,
    platform_app: BareApp,
    session: aiohttp.ClientSession,
    platform: SlackPlatform,
    by_the_host: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    """It comes for the workspace that joined last; the app can ask who else may see it."""
    connection.connect(both_have_the_app=True)
    mention = connection.host.bot.mention
    if by_the_host:
        await connection.host.say(connection.ann, connection.channel, f"{mention} hello")
    else:
        await connection.guest.say(connection.ben, connection.channel, f"{mention} hello")
    assert [event["type"] for event in platform_app.events] == ["message", "app_mention"]
    for frame in platform_app.received:
        (authorization,) = frame["payload"]["authorizations"]
        assert authorization["team_id"] == connection.guest.team.team_id
        api = AsyncWebClient(platform.app.app_token, base_url=platform.url, session=session)
        answer = await api.apps_event_authorizations_list(
            event_context=frame["payload"]["event_context"]
        )
        assert answer["authorizations"] == [
            connection.host.authorization,
            connection.guest.authorization,
        ]
        with pytest.raises(SlackApiError, match="invalid_event_context"):
            await api.apps_event_authorizations_list(event_context="4-unknown")


async def test_both_bots_read_and_write(connection: Connection) -> None:
    """The channel, its messages and their edits are the same for both workspaces."""
    first = await said_alone(connection)
    connection.connect(both_have_the_app=True)
    host, guest = connection.client(connection.host), connection.client(connection.guest)
    posted = await host.chat_postMessage(channel=connection.channel.id, text="From the host")
    await guest.chat_postMessage(channel=connection.channel.id, text="From the guest")
    await host.chat_update(channel=connection.channel.id, ts=str(posted["ts"]), text="Edited")
    for client in (host, guest):
        history = await client.conversations_history(channel=connection.channel.id)
        texts = [message["text"] for message in history["messages"]]
        assert texts == ["From the guest", "Edited", first]
        info = (await client.conversations_info(channel=connection.channel.id))["channel"]
        assert info["is_ext_shared"] is True
        assert info["conversation_host_id"] == connection.host.team.team_id
    with pytest.raises(SlackApiError, match="cant_update_message"):
        await guest.chat_update(channel=connection.channel.id, ts=str(posted["ts"]), text="Mine")


async def said_alone(connection: Connection) -> str:
    """Ann says something before the channel is shared."""
    connection.host.feed.connection_timeout = connection.guest.feed.connection_timeout = 0.0
    await connection.host.say(connection.ann, connection.channel, "Before")
    return "Before"


async def test_people_of_another_workspace(connection: Connection) -> None:
    """Who shares a channel can be looked up, and has another team; others are not found."""
    client = connection.client(connection.host)
    with pytest.raises(SlackApiError, match="user_not_found"):
        await client.users_info(user=connection.ben.id)
    connection.connect(both_have_the_app=False)
    user = (await client.users_info(user=connection.ben.id))["user"]
    assert (user["team_id"], user["is_stranger"]) == (connection.guest.team.team_id, False)
