"""The page's actions on behalf of people, without a browser."""

from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import pytest

from slackbot.playground.fake_openai.server import ModelServer
from slackbot.playground.fake_slack.members import Person
from slackbot.playground.json_types import Json
from slackbot.playground.page.server import PageServer
from slackbot.playground.playground import Playground

Act = Callable[..., Awaitable[tuple[int, Json]]]


@pytest.fixture
async def act(server: PageServer, session: aiohttp.ClientSession) -> Act:
    origin = server.url.rstrip("/")

    async def act(name: str, body: Any = None, **fields: Any) -> tuple[int, Json]:
        request = fields if body is None else body
        headers = {"Origin": f"http://{server.address}"}
        async with session.post(f"{origin}/act/{name}", json=request, headers=headers) as answer:
            return answer.status, await answer.json()

    return act


def person(playground: Playground, name: str) -> Person:
    return next(each for each in playground.workspace.people.values() if each.name == name)


def channel(playground: Playground, name: str) -> str:
    return next(each.id for each in playground.workspace.channels.values() if each.name == name)


async def test_saying(act: Act, playground: Playground, model: ModelServer) -> None:
    """Typed text is posted in Slack's markup, and the bot answers it."""
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
    """People post only where they may read: guests and outsiders only in their channels."""
    said = {"channel": channel(playground, place), "text": "hello", "files": {}}
    status, _ = await act("say", person=person(playground, name).id, **said)
    assert (status == 200) is seen


async def test_other_peoples_messages(act: Act, playground: Playground) -> None:
    """Only authors edit their messages; admins can delete them."""
    ana, ben = person(playground, "ana"), person(playground, "ben")
    workspace = playground.workspace
    general = channel(playground, "general")
    message = await workspace.say(ben, workspace.channels[general], "mine")
    which = {"channel": general, "ts": message.ts}
    assert (await act("edit", person=ana.id, text="yours", **which))[0] == 400
    assert (await act("delete", person=person(playground, "gus").id, **which))[0] == 400
    assert (await act("delete", person=ana.id, **which))[0] == 200
    await workspace.until(lambda: message.deleted)
