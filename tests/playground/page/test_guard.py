"""Who may ask the page's server: the page itself, and nobody else."""

import aiohttp
import pytest

from slackbot.playground.page.server import PageServer
from slackbot.playground.playground import Playground


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
    """Another name for this machine, or another page in the browser: refused with a sentence."""
    async with session.get(server.url + path, headers=headers) as answer:
        assert answer.status == 403
        assert (await answer.text()).startswith("The playground answers")


@pytest.mark.parametrize("origin", [None, "https://evil.example", "http://127.0.0.1:1"])
async def test_strangers_change_nothing(
    server: PageServer,
    session: aiohttp.ClientSession,
    playground: Playground,
    origin: str | None,
) -> None:
    """What changes something must say that it comes from the page."""
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
    """It listens on this machine alone, and its policy lets in nothing from elsewhere."""
    assert server.url.startswith("http://127.0.0.1:")
    async with session.get(server.url) as answer:
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "http" not in (await answer.text()).replace("httpequiv", "")


@pytest.mark.parametrize("name", ["..%2Fserver.py", "%2e%2e%2fscene.py", "nothing.js", "x"])
async def test_only_its_parts(
    server: PageServer, session: aiohttp.ClientSession, name: str
) -> None:
    """No file but those of the page can be read."""
    async with session.get(f"{server.url}parts/{name}") as answer:
        assert answer.status == 404
