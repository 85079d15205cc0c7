import asyncio
import json
from typing import Any

import aiohttp

from slackbot.playground.page.server import PageServer
from slackbot.playground.playground import Playground


async def update(response: aiohttp.ClientResponse) -> dict[str, Any]:
    """The next update that the page gets."""
    async with asyncio.timeout(20):
        async for line in response.content:
            if line.startswith(b"data: "):
                data: dict[str, Any] = json.loads(line.removeprefix(b"data: "))
                return data
    raise EOFError


async def test_updates(
    server: PageServer, session: aiohttp.ClientSession, playground: Playground
) -> None:
    """The page gets everything first, then only what has changed, and what is gone."""
    workspace = playground.workspace
    ana = next(each for each in workspace.people.values() if each.name == "ana")
    channel = workspace.add_channel("quiet", members=[ana], with_bot=False)
    async with session.get(f"{server.url}feed") as response:
        first = await update(response)
        assert first["all"]
        assert f"channel/{channel.id}" in first["put"]
        message = await workspace.say(ana, channel, "hello")
        key = f"message/{channel.id}/{message.ts}"
        while key not in (changed := await update(response))["put"]:
            assert not changed["all"]
        assert f"channel/{channel.id}" not in changed["put"]
        await workspace.delete(ana, message)
        while key not in (changed := await update(response))["drop"]:
            assert not changed["all"]
