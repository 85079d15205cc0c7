import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from slackbot.playground.fake_slack.scopes import BOT_SCOPES, METHOD_SCOPES
from slackbot.playground.fake_slack.workspace import Workspace


async def test_missing_scope(workspace: Workspace, api: AsyncWebClient) -> None:
    """What the token may not do is refused, naming the scope that it takes."""
    workspace.scopes = {"chat:write"}
    with pytest.raises(SlackApiError) as refused:
        await api.users_info(user=workspace.bot.id)
    assert refused.value.response["error"] == "missing_scope"
    assert refused.value.response["needed"] == "users:read"
    assert refused.value.response["provided"] == "chat:write"


def test_default_scopes() -> None:
    """The bot has every scope that a method or channel needs, unless a test removes it."""
    assert {"chat:write", "users:read", "files:read", "im:history", "mpim:read"} <= BOT_SCOPES
    assert set(METHOD_SCOPES.values()) <= BOT_SCOPES
    assert "admin" not in BOT_SCOPES
