"""A scriptable server, a model that asks it, and a server with a handler of the test's own."""

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Protocol

import pytest
from aiohttp import web

from slackbot.config import Api
from slackbot.llm.openai.client import Timeouts
from slackbot.llm.openai.model import OpenAIModel
from slackbot.network import DIRECT, Network, Proxies, Proxy
from slackbot.playground.fake_openai.server import ModelServer

TIMEOUTS = Timeouts(first_token=20.0, stall=0.4)
IMPATIENT = Timeouts(first_token=0.4, stall=0.2, notice=0.05)


class Connect(Protocol):
    def __call__(
        self,
        url: str,
        api: Api = "auto",
        clock: Callable[[], float] = time.monotonic,
        timeouts: Timeouts = TIMEOUTS,
        network: Network = DIRECT,
    ) -> OpenAIModel: ...


class Clock:
    """The time that a model reads; it stands still."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Serve = Callable[[Handler], Awaitable[str]]

RESPONSES = pytest.mark.parametrize("api", ["responses"])
"""The model of such a test is asked through the Responses API."""


@pytest.fixture
def key() -> str:
    return "sk-a-key-that-nobody-may-see"


@pytest.fixture
async def server() -> AsyncIterator[ModelServer]:
    async with ModelServer(answer=lambda _: "Hello to you") as server:
        yield server
        await server.until(lambda: server.open_streams == 0)


@pytest.fixture
async def connect(key: str) -> AsyncIterator[Connect]:
    """A model for an address; closed after the test."""
    async with AsyncExitStack() as stack:

        def connect(
            url: str,
            api: Api = "auto",
            clock: Callable[[], float] = time.monotonic,
            timeouts: Timeouts = TIMEOUTS,
            network: Network = DIRECT,
        ) -> OpenAIModel:
            model = OpenAIModel(
                name="tiny",
                api_key=key,
                base_url=url,
                timeouts=timeouts,
                api=api,
                clock=clock,
                network=network,
            )
            stack.push_async_callback(model.close)
            return model

        yield connect


@pytest.fixture
def network(server: ModelServer) -> Network:
    """A network where the server is the proxy, and answers for every host."""
    return Network(Proxies(http=Proxy(server.url.removesuffix("/v1"))))


@pytest.fixture
def api() -> Api:
    return "auto"


@pytest.fixture
def model(server: ModelServer, connect: Connect, api: Api) -> OpenAIModel:
    return connect(server.url, api)


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """Serves all of the API with a handler of the test's own; gives the address."""
    async with AsyncExitStack() as stack:

        async def serve(handler: Handler) -> str:
            app = web.Application()
            app.router.add_post("/v1/{path:.*}", handler)
            runner = web.AppRunner(app, shutdown_timeout=0.1, handler_cancellation=True)
            await runner.setup()
            stack.push_async_callback(runner.cleanup)
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            return f"http://127.0.0.1:{runner.addresses[0][1]}/v1"

        yield serve
