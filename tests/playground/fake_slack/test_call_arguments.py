import json
from typing import Any

import aiohttp
import pytest

from slackbot.playground.fake_slack.workspace import Workspace


@pytest.mark.parametrize("way", ["query", "form", "json", "token in form"])
async def test_arguments_come_every_way(
    workspace: Workspace, session: aiohttp.ClientSession, way: str
) -> None:
    """Arguments can come in a query, a form or JSON; JSON inside strings is decoded."""
    channel = workspace.add_channel("general")
    blocks = [{"type": "divider"}]
    fields: dict[str, Any] = {"channel": channel.id, "text": "hi", "blocks": json.dumps(blocks)}
    headers = {"Authorization": f"Bearer {workspace.bot_token}"}
    url = f"{workspace.url}chat.postMessage"
    if way == "query":
        request = session.get(url, params=fields, headers=headers)
    elif way == "form":
        request = session.post(url, data=fields, headers=headers)
    elif way == "json":
        request = session.post(url, json={**fields, "blocks": blocks}, headers=headers)
    else:
        request = session.post(url, data={**fields, "token": workspace.bot_token})
    async with request as response:
        assert (await response.json())["ok"]
    (call,) = workspace.calls
    assert call.args == {"channel": channel.id, "text": "hi", "blocks": blocks}
    assert workspace.bot_token not in repr(call)
