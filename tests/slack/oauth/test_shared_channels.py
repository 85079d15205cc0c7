"""Which workspaces share a channel."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from slackbot.conversation.ids import ChannelId, TeamId
from slackbot.errors import SlackError
from slackbot.slack.oauth.client import oauth_client
from slackbot.slack.oauth.shared_channels import KEPT_SECONDS, SharedChannels
from slackbot.store import RecordStore
from slackbot.workspaces.installed import InstalledWorkspaces
from tests.slack.oauth.install_site import slack_settings
from tests.slack.oauth.oauth_server import OAuthServer, refusal
from tests.slack.oauth.replica import Clock
from tests.workspaces.samples import ENCRYPTION, installation

T1, C1 = TeamId("T1"), ChannelId("C1")


@asynccontextmanager
async def sharing(
    server: OAuthServer, store: RecordStore, clock: Clock
) -> AsyncIterator[SharedChannels]:
    await store.add_installation(installation("T1"))
    async with oauth_client(slack_settings(server)) as client:
        yield SharedChannels(InstalledWorkspaces(store, ENCRYPTION), client, clock)


def shared(*teams: str) -> web.Response:
    channel = {"id": "C1", "shared_team_ids": list(teams), "connected_team_ids": ["T7", 5]}
    return web.json_response({"ok": True, "channel": channel})


async def test_slack_is_asked_now_and_then(server: OAuthServer, store: RecordStore) -> None:
    """With the token of a workspace that is there, and not for each event."""
    clock = Clock()
    async with sharing(server, store, clock) as channels:
        server.answers["conversations.info"] = [shared("T1", "T2"), shared("T1")]
        for _ in range(3):
            assert list(await channels.teams(C1, T1)) == ["T1", "T2", "T7"]
        clock.now += KEPT_SECONDS + 1
        assert list(await channels.teams(C1, T1)) == ["T1", "T7"]
        assert [arguments["token"] for _, arguments in server.calls] == ["xoxb-T1"] * 2


async def test_a_workspace_that_sees_nothing(server: OAuthServer, store: RecordStore) -> None:
    """It can't say, whether the channel is hidden from it or it has not installed the app."""
    async with sharing(server, store, Clock()) as channels:
        server.answers["conversations.info"] = [web.json_response(refusal("channel_not_found"))]
        assert list(await channels.teams(C1, TeamId("T9"))) == []
        for _ in range(2):
            assert list(await channels.teams(C1, T1)) == []
        await store.add_installation(installation("T2"))
        server.answers["conversations.info"] = [shared("T1", "T2")]
        assert list(await channels.teams(C1, TeamId("T2"))) == ["T1", "T2", "T7"]


async def test_slack_does_not_answer(server: OAuthServer, store: RecordStore) -> None:
    """That is no answer, and the next event asks again."""
    async with sharing(server, store, Clock()) as channels:
        server.answers["conversations.info"] = [web.Response(status=503), shared("T1")]
        with pytest.raises(SlackError):
            await channels.teams(C1, T1)
        assert list(await channels.teams(C1, T1)) == ["T1", "T7"]
