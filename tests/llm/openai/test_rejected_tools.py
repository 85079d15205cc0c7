"""A tool that the server does not take costs no other tool, and no answer."""

from contextlib import aclosing

import pytest

from slackbot.errors import ModelError
from slackbot.expiring_set import REMEMBERED_SECONDS
from slackbot.llm.openai.model import OpenAIModel
from slackbot.llm.prompt import Prompt, PromptMessage
from slackbot.llm.tool_calls import ToolDefinition
from slackbot.playground.fake_openai.script import fails
from slackbot.playground.fake_openai.server import ModelServer
from tests.llm.openai.answers import drafted
from tests.llm.openai.conftest import Clock, Connect

GOOD = ToolDefinition("good", "", {"type": "object", "properties": {}})
LIST = ToolDefinition("list", "", {"type": "object", "properties": {"a": {"type": "array"}}})
ODD = ToolDefinition("odd", "", {"type": "object", "anyOf": []})

PROMPT = Prompt((PromptMessage("user", "Hello?"),), tools=(LIST, GOOD, ODD))


async def offered(model: OpenAIModel, server: ModelServer) -> set[str]:
    """What the request that was taken offers."""
    assert (await drafted(model, PROMPT)).text == "Hello to you"
    return {(tool.get("function") or tool)["name"] for tool in server.requests[-1]["tools"]}


@pytest.mark.parametrize("api", ["chat", "responses"])
async def test_tools_that_are_refused(server: ModelServer, connect: Connect, api: str) -> None:
    """Each is left out by its name, and from then on at once."""
    model = connect(server.url, api="responses" if api == "responses" else "chat")
    assert model.refused_tools("") == frozenset()
    assert await offered(model, server) == {"good"}
    assert model.refused_tools("") == {"list", "odd"}
    assert model.refused_tools("other") == frozenset()
    assert len(server.requests) == 3
    assert await offered(model, server) == {"good"}
    assert len(server.requests) == 4


async def test_a_refused_tool_is_tried_again(server: ModelServer, connect: Connect) -> None:
    """After an hour, and at once with another model: the schema may be in order there."""
    clock = Clock()
    model = connect(server.url, clock=clock)
    assert await offered(model, server) == {"good"}
    async with aclosing(model.stream(PROMPT, model="other")) as deltas:
        await anext(deltas)
    assert len(server.requests) == 6
    clock.now += REMEMBERED_SECONDS
    assert await offered(model, server) == {"good"}
    assert len(server.requests) == 9


async def test_a_failure_that_names_a_tool(server: ModelServer, model: OpenAIModel) -> None:
    """A server that fails has not judged a schema."""
    server.enqueue(*[fails(503, "Invalid schema for function 'good'")] * 3)
    with pytest.raises(ModelError):
        await drafted(model, Prompt(PROMPT.messages, tools=(GOOD,)))
    await drafted(model, Prompt(PROMPT.messages, tools=(GOOD,)))
    assert "tools" in server.requests[-1]
