"""Another user of the machine tries to use somebody's playground: its ports are open to all."""

from collections.abc import AsyncIterator

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from slackbot.playground.fake_openai.server import ModelServer
from slackbot.playground.fake_slack.workspace import Workspace
from slackbot.playground.page.server import PageServer
from slackbot.playground.playground import Playground, run_playground
from slackbot.slack.manifest import manifest

PATHS = ("", "feed", "parts/app.js", "inspect/traffic", "file/F0A00000001", "nothing")


@pytest.fixture
async def playground() -> AsyncIterator[Playground]:
    async with ModelServer() as model:
        settings = {"OPENAI_BASE_URL": model.url, "OPENAI_MODEL": "scripted"}
        async with run_playground(settings, manifest()) as playground:
            yield playground


@pytest.fixture
async def server(playground: Playground) -> AsyncIterator[PageServer]:
    async with PageServer(playground) as server:
        yield server


def guesses(server: PageServer) -> list[str]:
    """Addresses that somebody tries who knows all but the token."""
    root, token = f"http://{server.address}", server.url.split("/")[3]
    wrong = ("x", token[:-1], token + "x", token.swapcase(), "%20" + token, token + "%00", "é")
    return [f"{root}/", *(f"{root}/{each}/" for each in wrong)]


async def test_nobody_reads_without_the_token(server: PageServer) -> None:
    """Every path answers 403, and nothing says what the token is."""
    token = server.url.split("/")[3]
    async with aiohttp.ClientSession() as session:
        for address in guesses(server):
            for path in PATHS:
                async with session.get(address + path) as answer:
                    assert answer.status == 403, address + path
                    assert token not in f"{answer.headers}{await answer.text()}"


async def test_nobody_acts_without_the_token(server: PageServer, playground: Playground) -> None:
    """An Origin alone proves nothing: every program can send one."""
    ana = next(each for each in playground.workspace.people.values() if each.name == "ana")
    general = next(iter(playground.workspace.channels.values()))
    said = {"person": ana.id, "channel": general.id, "text": "hacked", "files": {}}
    origin = {"Origin": f"http://{server.address}", "Sec-Fetch-Site": "same-origin"}
    cookies = {"token": "x", "playground": "x"}
    async with aiohttp.ClientSession(headers=origin, cookies=cookies) as session:
        for address in guesses(server):
            async with session.post(f"{address}act/say", json=said) as answer:
                assert answer.status == 403
            async with session.post(f"{address}upload?person={ana.id}", data=b"a") as answer:
                assert answer.status == 403
        assert not playground.workspace.messages
        async with session.post(f"{server.url}act/say", json=said) as answer:
            assert answer.status == 200
    assert [each.text for each in playground.workspace.messages.values()] == ["hacked"]


async def test_the_address_leaves_the_page_nowhere(server: PageServer) -> None:
    """No other site learns the token: no referrer is sent, and no cookie that other ports get."""
    async with aiohttp.ClientSession() as session, session.get(server.url) as answer:
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert "Set-Cookie" not in answer.headers
        assert '="/' not in await answer.text()  # all that it loads is below its address


async def test_the_page_opens_from_a_file(server: PageServer) -> None:
    """The browser may come from a file or a link elsewhere, to the page and to nothing else."""
    navigation = {
        "Sec-Fetch-Site": "cross-site",
        "Sec-Fetch-Mode": "navigate",
        "Sec-Fetch-Dest": "document",
    }
    async with aiohttp.ClientSession() as session:
        async with session.get(server.url, headers=navigation) as answer:
            assert answer.status == 200
        for path in PATHS[1:]:
            async with session.get(server.url + path, headers=navigation) as answer:
                assert answer.status == 403
        for name, value in {"Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "iframe"}.items():
            async with session.get(server.url, headers={**navigation, name: value}) as answer:
                assert answer.status == 403


async def test_each_playground_has_its_own(playground: Playground) -> None:
    """A token is of no use at the next start."""
    async with PageServer(playground) as first, PageServer(playground) as second:
        assert first.url.split("/")[3] != second.url.split("/")[3]
        assert len(first.url.split("/")[3]) >= 32


async def test_the_local_slack_and_model_want_their_keys(playground: Playground) -> None:
    """The other servers of the playground answer the bot, which has their random tokens."""
    workspace = playground.workspace
    async with aiohttp.ClientSession() as session:
        for method in ("auth.test", "conversations.list", "apps.connections.open"):
            for token in ("", "xoxb-", "xapp-", "xoxb-playground"):
                headers = {"Authorization": f"Bearer {token}"}
                async with session.post(f"{workspace.url}{method}", headers=headers) as answer:
                    assert (await answer.json())["ok"] is False
        base = workspace.url.removesuffix("api/")
        for path in ("link/?ticket=x", "files/F0A00000001/a.txt"):
            async with session.get(base + path) as answer:
                assert answer.status in {403, 404} or "Sign in" in await answer.text()
        for path in ("response/x", "upload/x"):
            async with session.post(base + path, json={}) as answer:
                assert answer.status == 404


async def test_uploads_can_not_be_replaced() -> None:
    """Who knows a file's ID, which can be guessed, can't write its content."""
    async with Workspace() as workspace, aiohttp.ClientSession() as session:
        api = AsyncWebClient(workspace.bot_token, base_url=workspace.url)
        asked = await api.files_getUploadURLExternal(filename="a.txt", length=3)
        async with session.post(asked["upload_url"], data=b"abc") as answer:
            assert answer.status == 200
        guessed = workspace.url.removesuffix("api/") + f"upload/{asked['file_id']}"
        async with session.post(guessed, data=b"bad") as answer:
            assert answer.status == 404
        assert workspace.files.find(asked["file_id"]).content == b"abc"
