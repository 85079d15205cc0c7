"""A playground with a scripted model, its page, and a browser at it."""

import shutil
from collections.abc import AsyncIterator

import aiohttp
import pytest
from playwright.async_api import Browser, async_playwright, expect

from slackbot.playground.fake_openai.server import ModelServer
from slackbot.playground.page.server import PageServer
from slackbot.playground.playground import Playground, run_playground
from slackbot.slack.manifest import manifest
from tests.playground.page.visitor import Visitor

CHROMIUM = shutil.which("chromium")

expect.set_options(timeout=20_000)  # allows for a busy machine


def pytest_collection_modifyitems(items: list[pytest.Function]) -> None:
    """Allows browser tests more time, as they also run a bot and a server."""
    for item in items:
        if "visitor" in item.fixturenames:
            item.add_marker(pytest.mark.timeout(240))


ARGUMENTS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
    *("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"),
)


@pytest.fixture
async def model() -> AsyncIterator[ModelServer]:
    async with ModelServer() as model:
        yield model


@pytest.fixture
async def playground(model: ModelServer) -> AsyncIterator[Playground]:
    settings = {"OPENAI_BASE_URL": model.url, "OPENAI_MODEL": "scripted"}
    async with run_playground(settings, manifest()) as playground:
        yield playground


@pytest.fixture
async def server(playground: Playground) -> AsyncIterator[PageServer]:
    async with PageServer(playground) as server:
        yield server


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("There is no Chromium here: `apt-get install chromium`, and try again.")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        await browser.close()


@pytest.fixture
async def visitor(
    browser: Browser, playground: Playground, server: PageServer
) -> AsyncIterator[Visitor]:
    """A browser of 1280 by 800; any error in the page fails the test."""
    context = await browser.new_context(viewport={"width": 1280, "height": 800})
    page = await context.new_page()
    visitor = Visitor(page, playground, server.url)
    await visitor.arrive()
    yield visitor
    assert visitor.errors == []
