"""Only the page itself can use its server."""

from pathlib import Path

import aiohttp
import pytest
from playwright.async_api import Browser, expect

from slackbot.cli.playground import redirecting_file
from slackbot.playground.page.server import PageServer
from slackbot.playground.playground import Playground

REFUSALS = ("The playground answers only at", "The playground does not answer other pages")


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "evil.example:80"},
        {"Host": "127.0.0.1:1"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ],
)
@pytest.mark.parametrize("path", ["", "feed", "parts/app.js", "inspect/traffic"])
async def test_strangers_read_nothing(
    server: PageServer, session: aiohttp.ClientSession, headers: dict[str, str], path: str
) -> None:
    """Requests with another host or from another page are refused with a reason."""
    async with session.get(server.url + path, headers=headers) as answer:
        assert answer.status == 403
        assert (await answer.text()).startswith(REFUSALS)


@pytest.mark.parametrize("origin", [None, "https://evil.example", "http://127.0.0.1:1"])
async def test_strangers_change_nothing(
    server: PageServer,
    session: aiohttp.ClientSession,
    playground: Playground,
    origin: str | None,
) -> None:
    """A request that changes something must have the page's origin."""
    ana = next(each for each in playground.workspace.people.values() if each.name == "ana")
    general = next(iter(playground.workspace.channels.values()))
    request = {"person": ana.id, "channel": general.id, "text": "hacked", "files": {}}
    headers = {"Origin": origin} if origin else {}
    async with session.post(f"{server.url}act/say", json=request, headers=headers) as answer:
        assert answer.status == 403
    async with session.post(f"{server.url}upload", data=b"a", headers=headers) as answer:
        assert answer.status == 403
    assert not playground.workspace.messages


async def test_the_page_is_alone(server: PageServer, session: aiohttp.ClientSession) -> None:
    """The server listens on 127.0.0.1 only, and its policy allows no other host."""
    assert server.url.startswith("http://127.0.0.1:")
    async with session.get(server.url) as answer:
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "http" not in (await answer.text()).replace("httpequiv", "")


async def test_the_browser_finds_the_page(
    browser: Browser, server: PageServer, tmp_path: Path
) -> None:
    """A browser that opens the file ends at the page, which works after a reload too."""
    page = await browser.new_page()
    await page.goto(redirecting_file(server.url, tmp_path).as_uri())
    await page.wait_for_url(server.url)
    for _ in range(2):
        await expect(page.get_by_text("@assistant is running")).to_be_visible(timeout=20_000)
        await page.reload()
