from collections.abc import Awaitable, Callable
from math import inf, nan
from typing import Any

import aiohttp
import pytest

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


@pytest.mark.parametrize(
    ("name", "fields", "sentence"),
    [
        ("say", {"text": " ", "files": {}}, "There is nothing to say."),
        ("say", {"text": "a", "files": {"ids": ["F0"]}}, "Slack refuses this: file_not_found"),
        ("say", {"person": "U0", "text": "a", "files": {}}, "There is no such person."),
        ("say", {"channel": "C0", "text": "a", "files": {}}, "You can't see that channel."),
        ("say", {"text": 5, "files": {}}, "text must be text."),
        ("edit", {"ts": "1.0", "text": "a"}, "That message was deleted."),
        ("command", {"text": "/nonsense"}, "/nonsense is not a valid command. Try"),
        ("command", {"text": "/instructions", "thread": "1.0"}, "/instructions is not supported"),
        ("act", {"view": "V0", "state": {}, "chosen": {}}, "That view is closed."),
        ("fail_next_write", {"fault": "flood"}, "There is no such failure."),
        ("set_network", {"latency": "much"}, "latency must be a number."),
        ("set_network", {"latency": nan}, "latency must be a number."),
        ("set_network", {"latency": 0, "strictness": inf}, "strictness must be a number."),
    ],
)
async def test_what_is_not_possible(
    act: Act, playground: Playground, name: str, fields: Json, sentence: str
) -> None:
    """An impossible action is refused with one sentence, and changes nothing."""
    usual = {"person": person(playground, "ana").id, "channel": channel(playground, "general")}
    status, answer = await act(name, **{**usual, **fields})
    assert status == 400
    assert answer["error"].startswith(sentence)
    assert not playground.workspace.messages


async def test_nonsense(act: Act) -> None:
    """A body that is not a JSON object is refused, and so is an unknown action."""
    assert (await act("say", ["a"]))[0] == 400
    with pytest.raises(aiohttp.ContentTypeError):
        await act("dance", person="U0")
