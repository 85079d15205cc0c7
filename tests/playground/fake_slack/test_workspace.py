import asyncio

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from slackbot.playground.fake_slack.workspace import Workspace
from tests.playground.fake_slack.bare_app import BareApp


async def test_redelivery(workspace: Workspace, app: BareApp) -> None:
    """An event can come again although it was acknowledged: same event id, first retry."""
    delivery = await workspace.deliver({"type": "app_uninstalled"})
    again = await workspace.redeliver(delivery)
    assert again.acknowledged
    assert app.received[1]["retry_attempt"] == 1
    assert app.received[0]["payload"] == app.received[1]["payload"]


async def test_waiting(workspace: Workspace, api: AsyncWebClient) -> None:
    """until() returns the value of its condition at the change that made it true."""
    channel = workspace.add_channel("general")
    waiting = asyncio.create_task(workspace.until(lambda: list(workspace.messages.values())))
    await api.chat_postMessage(channel=channel.id, text="a")
    (message,) = await waiting
    assert message.text == "a"


async def test_waiting_in_vain(workspace: Workspace, api: AsyncWebClient) -> None:
    """A timeout error says what has happened instead."""
    await api.chat_postMessage(channel=workspace.add_channel("general").id, text="something")
    with pytest.raises(TimeoutError, match=r"(?s)chat.postMessage 200.*something"):
        await workspace.until(lambda: False, timeout=0.01)


async def test_leaving_with_work_under_way(session: aiohttp.ClientSession) -> None:
    """A workspace ends at once, even with deliveries that still run."""
    async with Workspace() as workspace:
        app = BareApp(workspace, session)
        await app.connect()
        app.unresponsive = True
        saying = asyncio.create_task(
            workspace.say(workspace.add_person("ann"), workspace.add_channel("general"), "hi")
        )
        await workspace.until(lambda: workspace.deliveries)
    await saying
    await app.close()
    assert not workspace.deliveries[0].acknowledged
