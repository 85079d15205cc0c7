"""What is asked for on behalf of people, without a browser."""

from collections.abc import Awaitable, Callable
from io import BytesIO
from math import inf, nan
from typing import Any

import aiohttp
import pytest

from slackbot.playground.fake_openai.server import ModelServer
from slackbot.playground.fake_slack.members import Person
from slackbot.playground.page.server import LARGEST_UPLOAD, PageServer
from slackbot.playground.playground import Playground
from slackbot.playground.wire import Json

Act = Callable[..., Awaitable[tuple[int, Json]]]


@pytest.fixture
async def act(server: PageServer, session: aiohttp.ClientSession) -> Act:
    origin = server.url.rstrip("/")

    async def act(name: str, body: Any = None, **fields: Any) -> tuple[int, Json]:
        request = fields if body is None else body
        headers = {"Origin": origin}
        async with session.post(f"{origin}/act/{name}", json=request, headers=headers) as answer:
            return answer.status, await answer.json()

    return act


def person(playground: Playground, name: str) -> Person:
    return next(each for each in playground.workspace.people.values() if each.name == name)


def channel(playground: Playground, name: str) -> str:
    return next(each.id for each in playground.workspace.channels.values() if each.name == name)


async def test_saying(act: Act, playground: Playground, model: ModelServer) -> None:
    """What is typed is said in Slack's markup, and the bot hears it."""
    model.enqueue("Yes.")
    ana, general = person(playground, "ana"), channel(playground, "general")
    said = {"person": ana.id, "channel": general, "text": "@assistant a < b?", "files": {}}
    assert await act("say", **said) == (200, {})
    workspace = playground.workspace
    await workspace.until(lambda: len(workspace.messages) == 2, 20)
    question, answer = workspace.messages.values()
    assert question.text == f"{workspace.bot.mention} a &lt; b?"
    await workspace.until(lambda: answer.shown == "Yes.")
    (exchange,) = playground.recorder.exchanges
    assert exchange.body["messages"][-1]["content"] == "a < b?"
    assert exchange.text == "Yes."


@pytest.mark.parametrize(
    ("name", "fields", "sentence"),
    [
        ("say", {"text": " ", "files": {}}, "There is nothing to say."),
        ("say", {"text": "a", "files": {"ids": ["F0"]}}, "Slack refuses: file_not_found"),
        ("say", {"person": "U0", "text": "a", "files": {}}, "There is nobody of that name."),
        ("say", {"channel": "C0", "text": "a", "files": {}}, "There is no such channel for you."),
        ("say", {"text": 5, "files": {}}, "text is no text."),
        ("edit", {"ts": "1.0", "text": "a"}, "That message is gone."),
        ("command", {"text": "/nonsense"}, "/nonsense is not a valid command. There is"),
        ("command", {"text": "/instructions", "thread": "1.0"}, "/instructions is not supported"),
        ("act", {"view": "V0", "state": {}, "chosen": {}}, "That view is closed."),
        ("strike", {"fault": "flood"}, "There is no such failure."),
        ("set_weather", {"latency": "much"}, "latency is no number."),
        ("set_weather", {"latency": nan}, "latency is no number."),
        ("set_weather", {"latency": 0, "strictness": inf}, "strictness is no number."),
    ],
)
async def test_what_is_not_possible(
    act: Act, playground: Playground, name: str, fields: Json, sentence: str
) -> None:
    """It is refused with one sentence, and changes nothing."""
    usual = {"person": person(playground, "ana").id, "channel": channel(playground, "general")}
    status, answer = await act(name, **{**usual, **fields})
    assert status == 400
    assert answer["error"].startswith(sentence)
    assert not playground.workspace.messages


async def test_nonsense(act: Act) -> None:
    """What is no JSON object is refused, and so is an act that there is not."""
    assert (await act("say", ["a"]))[0] == 400
    with pytest.raises(aiohttp.ContentTypeError):
        await act("dance", person="U0")


async def test_files_that_are_refused(
    server: PageServer, playground: Playground, session: aiohttp.ClientSession
) -> None:
    """An empty file, one that is too large, and anybody's who is not there: each is a sentence."""
    origin = server.url.rstrip("/")
    ana = person(playground, "ana").id
    for content, owner, sentence in (
        (b"", ana, "The file is empty."),
        (bytes(LARGEST_UPLOAD + 1), ana, "A file may have 64 MB at the most here."),
        (b"a", "U0", "There is nobody of that name."),
    ):
        query = {"person": owner, "name": "a.bin"}
        headers = {"Origin": origin}
        async with session.post(
            f"{origin}/upload", params=query, data=BytesIO(content), headers=headers
        ) as answer:
            assert (answer.status, await answer.json()) == (400, {"error": sentence})


@pytest.mark.parametrize(
    ("name", "place", "seen"),
    [
        ("ben", "engineering", True),
        ("ben", "leads", False),
        ("gus", "engineering", False),
        ("gus", "general", True),
        ("zoe", "general", False),
        ("zoe", "partners", True),
    ],
)
async def test_where_people_may_write(
    act: Act, playground: Playground, name: str, place: str, *, seen: bool
) -> None:
    """Where they may read: private channels are their members', guests stay where they are."""
    said = {"channel": channel(playground, place), "text": "hello", "files": {}}
    status, _ = await act("say", person=person(playground, name).id, **said)
    assert (status == 200) is seen


async def test_other_peoples_messages(act: Act, playground: Playground) -> None:
    """Only their authors edit them; admins may delete them."""
    ana, ben = person(playground, "ana"), person(playground, "ben")
    workspace = playground.workspace
    general = channel(playground, "general")
    message = await workspace.say(ben, workspace.channels[general], "mine")
    which = {"channel": general, "ts": message.ts}
    assert (await act("edit", person=ana.id, text="yours", **which))[0] == 400
    assert (await act("delete", person=person(playground, "gus").id, **which))[0] == 400
    assert (await act("delete", person=ana.id, **which))[0] == 200
    await workspace.until(lambda: message.deleted)
