"""The connection to a server."""

import asyncio

import pytest

from slackbot.llm.openai.client import Connection, is_openai
from slackbot.llm.openai.model import OpenAIModel
from slackbot.playground.fake_openai.server import ModelServer
from tests.llm.openai.answers import drafted
from tests.llm.openai.prompts import PROMPT


async def test_no_key(server: ModelServer) -> None:
    """A server without keys can be asked without one."""
    model = OpenAIModel(name="tiny", api_key="", base_url=server.url)
    assert (await drafted(model, PROMPT)).text == "Hello to you"
    await model.close()


async def test_the_usual_server() -> None:
    """Without an address it is OpenAI's own server that is asked."""
    connection = Connection("sk-test", None, 5.0)
    assert connection.is_official
    assert is_openai((await connection.client()).base_url.host)
    await connection.close()


async def test_opened_once() -> None:
    """Two who need it at the same moment get the same client."""
    connection = Connection("sk-test", None, 5.0)
    one, other = await asyncio.gather(connection.client(), connection.client())
    assert one is other
    await connection.close()


async def test_never_opened() -> None:
    """A connection that nobody used can be closed."""
    await Connection("sk-test", None, 5.0).close()


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("api.openai.com", True),
        ("eu.api.openai.com", True),
        ("pirates.openai.azure.com", True),
        ("openai.com.example.org", False),
        ("myopenai.com", False),
        ("localhost", False),
    ],
)
def test_hosts_of_openai(host: str, expected: bool) -> None:  # noqa: FBT001 - what is expected
    """OpenAI's and Azure's hosts are known by the end of their names."""
    assert is_openai(host) is expected
