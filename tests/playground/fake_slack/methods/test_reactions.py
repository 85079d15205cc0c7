from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from slackbot.playground.fake_slack.workspace import Workspace


async def test_reactions(workspace: Workspace, api: AsyncWebClient) -> None:
    """The bot adds a reaction once, and removes it once."""
    channel = workspace.add_channel("general")
    ts = (await api.chat_postMessage(channel=channel.id, text="a"))["ts"]
    message = workspace.messages[channel.id, ts]
    where: Any = {"channel": channel.id, "timestamp": ts, "name": "eyes"}
    await api.reactions_add(**where)
    assert message.reactions == {"eyes": [workspace.bot.id]}
    with pytest.raises(SlackApiError, match="already_reacted"):
        await api.reactions_add(**where)
    await api.reactions_remove(**where)
    assert message.reactions == {}
    with pytest.raises(SlackApiError, match="no_reaction"):
        await api.reactions_remove(**where)
