"""A tool that the server does not take costs no other tool, and no answer."""

import pytest

from slackbot.llm.openai.model import OpenAIModel
from slackbot.llm.prompt import Prompt, PromptMessage
from slackbot.llm.tool_calls import ToolDefinition
from slackbot.playground.fake_openai.server import ModelServer
from tests.llm.openai.answers import drafted
from tests.llm.openai.conftest import Connect

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
    assert await offered(model, server) == {"good"}
    assert len(server.requests) == 3
    assert await offered(model, server) == {"good"}
    assert len(server.requests) == 4
