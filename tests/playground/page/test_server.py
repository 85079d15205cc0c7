from io import BytesIO

import aiohttp
import pytest

from slackbot.playground.fake_slack.members import Person
from slackbot.playground.page.server import MAX_UPLOAD_BYTES, PageServer
from slackbot.playground.playground import Playground


def person(playground: Playground, name: str) -> Person:
    return next(each for each in playground.workspace.people.values() if each.name == name)


async def test_files_that_are_refused(
    server: PageServer, playground: Playground, session: aiohttp.ClientSession
) -> None:
    """An empty or too large file, or an unknown owner, is refused with one sentence."""
    origin = server.url.rstrip("/")
    ana = person(playground, "ana").id
    for content, owner, sentence in (
        (b"", ana, "The file is empty."),
        (bytes(MAX_UPLOAD_BYTES + 1), ana, "A file can have at most 64 MB here."),
        (b"a", "U0", "There is no such person."),
    ):
        query = {"person": owner, "name": "a.bin"}
        headers = {"Origin": f"http://{server.address}"}
        async with session.post(
            f"{origin}/upload", params=query, data=BytesIO(content), headers=headers
        ) as answer:
            assert (answer.status, await answer.json()) == (400, {"error": sentence})


@pytest.mark.parametrize("name", ["..%2Fserver.py", "%2e%2e%2fscene.py", "nothing.js", "x"])
async def test_only_its_parts(
    server: PageServer, session: aiohttp.ClientSession, name: str
) -> None:
    """Only the page's own files can be read."""
    async with session.get(f"{server.url}parts/{name}") as answer:
        assert answer.status == 404


async def test_what_there_is_not(server: PageServer, session: aiohttp.ClientSession) -> None:
    """An answer or entry that does not exist answers 404."""
    for path in ("inspect/answer/C1/1.0", "inspect/call/999", "inspect/delivery/999", "file/F0"):
        async with session.get(server.url + path) as answer:
            assert answer.status == 404
