"""Tokens are checked at startup, and an error says how to get a good one."""

from collections.abc import AsyncIterator

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from slackbot.errors import ConfigError
from slackbot.playground.fake_slack.faults import Fault, FaultAnswer
from slackbot.slack import texts
from slackbot.slack.client import web_client
from slackbot.slack.identity import identify, socket_address
from slackbot.slack.manifest import scopes
from tests.harness import BotHarness


@pytest.fixture
async def client(harness: BotHarness) -> AsyncIterator[AsyncWebClient]:
    async with web_client(harness.workspace.url, harness.workspace.bot_token) as client:
        yield client


async def test_identify(harness: BotHarness, client: AsyncWebClient) -> None:
    """A bot token tells the workspace, the bot user, the bot's ID and the scopes."""
    me = await identify(client)
    bot = harness.bot
    assert (me.team, me.user, me.bot) == (harness.workspace.team.team_id, bot.id, bot.bot_id)
    assert me.user_name == bot.name
    assert me.scopes == scopes()


@pytest.mark.parametrize("code", ["invalid_auth", "account_inactive", "missing_scope"])
async def test_a_bot_token_that_does_not_work(
    harness: BotHarness, client: AsyncWebClient, code: str
) -> None:
    """The error names the variable, the code, and what to do."""
    harness.workspace.faults.add("auth.test", Fault.error(code))
    with pytest.raises(ConfigError) as raised:
        await identify(client)
    assert raised.value.variable == "SLACK_BOT_TOKEN"
    assert code in raised.value.user_message
    assert raised.value.user_message.endswith(texts.HOW_TO_GET_BOT_ACCESS)


async def test_an_app_token_that_does_not_work(harness: BotHarness, client: AsyncWebClient) -> None:
    """A good token gives an address; the error for another says which scope the token needs."""
    address = await socket_address(client, harness.workspace.app_token)
    assert address.startswith(f"ws://{harness.workspace.address}/")
    with pytest.raises(ConfigError) as raised:
        await socket_address(client, "xapp-wrong")
    assert raised.value.variable == "SLACK_APP_TOKEN"
    assert texts.HOW_TO_GET_SOCKET_ACCESS in raised.value.user_message


async def test_a_token_for_a_whole_organisation(
    harness: BotHarness, client: AsyncWebClient
) -> None:
    """Its events come from many workspaces, and the bot would drop each of them: it is refused."""
    harness.install_for_organisation()
    with pytest.raises(ConfigError) as raised:
        await identify(client)
    assert raised.value.variable == "SLACK_BOT_TOKEN"
    assert raised.value.user_message.endswith(texts.INSTALLED_FOR_ORGANISATION)


async def test_a_token_without_a_workspace(harness: BotHarness, client: AsyncWebClient) -> None:
    """An answer without a workspace is refused in the same way, and not with a traceback."""
    answer = {"ok": True, "user_id": "U1", "user": "bot", "team_id": None, "team": None}
    harness.workspace.faults.add("auth.test", Fault("answer", FaultAnswer(200, answer, {})))
    with pytest.raises(ConfigError, match="organisation"):
        await identify(client)
