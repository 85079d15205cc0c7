"""A model server, and an HTTP client that speaks to it."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import ClientSession

from slackbot.playground.fake_openai.server import ModelServer


@pytest.fixture
async def server() -> AsyncIterator[ModelServer]:
    async with ModelServer() as server:
        yield server


@pytest.fixture
async def http(server: ModelServer) -> AsyncIterator[ClientSession]:
    async with ClientSession(f"{server.url}/") as session:
        yield session
