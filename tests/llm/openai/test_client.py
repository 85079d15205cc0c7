"""The connection to a server."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from slackbot.attachments.media_parts import AudioContent
from slackbot.config import ModelSettings
from slackbot.errors import ModelError
from slackbot.llm.openai import open_audio, open_images
from slackbot.llm.openai.client import Connection, is_openai
from slackbot.llm.openai.model import OpenAIModel
from slackbot.playground.fake_openai.azure_server import API_VERSION, AzureServer
from slackbot.playground.fake_openai.server import ModelServer
from tests.llm.openai.answers import drafted
from tests.llm.openai.conftest import Connect, Serve
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


KEY = "the-key-of-a-resource"


@pytest.fixture
async def azure() -> AsyncIterator[AzureServer]:
    async with AzureServer(KEY, {"ours", "gpt-4o", "ears", "voice", "painter"}) as server:
        server.answer = lambda _: "Hello to you"
        yield server


def deployed(azure: AzureServer, deployment: str = "ours") -> str:
    """The address of a deployment, as Azure's portal shows it."""
    path = f"/openai/deployments/{deployment}/chat/completions"
    return f"{azure.origin}{path}?api-version={API_VERSION}"


@pytest.mark.parametrize("name", ["ours", "gpt-9-that-azure-calls-otherwise"])
async def test_a_deployment_of_azure(azure: AzureServer, name: str) -> None:
    """The deployment in the address answers, whatever the model's name; others by their own."""
    model = OpenAIModel(name=name, api_key=KEY, base_url=deployed(azure))
    assert (await drafted(model, PROMPT)).text == "Hello to you"
    _ = [delta async for delta in model.stream(PROMPT, model="gpt-4o")]
    assert azure.paths == [
        "/openai/deployments/ours/chat/completions",
        "/openai/deployments/gpt-4o/chat/completions",
    ]
    await model.close()


async def test_an_endpoint_of_azure(azure: AzureServer) -> None:
    """Without a deployment in the address, it is the model."""
    url = f"{azure.origin}/openai?api-version={API_VERSION}"
    model = OpenAIModel(name="gpt-4o", api_key=KEY, base_url=url)
    assert (await drafted(model, PROMPT)).text == "Hello to you"
    assert azure.paths == ["/openai/deployments/gpt-4o/chat/completions"]
    await model.close()


async def test_the_responses_api_of_azure(azure: AzureServer) -> None:
    """It is next to the deployments, and names one as the model."""
    model = OpenAIModel(name="gpt-9", api_key=KEY, base_url=deployed(azure), api="responses")
    assert (await drafted(model, PROMPT)).text == "Hello to you"
    assert azure.paths == ["/openai/responses"]
    assert azure.requests[0]["model"] == "ours"
    await model.close()


async def test_the_models_of_azure(azure: AzureServer) -> None:
    """It lists what could be deployed: only the usual model is known to be."""
    model = OpenAIModel(name="ours", api_key=KEY, base_url=deployed(azure))
    assert await model.names() == ["ours"]
    await model.close()


async def test_media_of_azure(azure: AzureServer) -> None:
    """Each model that listens, speaks or draws is a deployment of its own."""
    settings = ModelSettings.read(
        {
            "OPENAI_API_KEY": KEY,
            "OPENAI_BASE_URL": deployed(azure),
            "OPENAI_TRANSCRIBE_MODEL": "ears",
            "OPENAI_SPEECH_MODEL": "voice",
            "OPENAI_IMAGE_MODEL": "painter",
        }
    )
    audio, images = open_audio(settings), open_images(settings)
    assert images is not None
    assert await audio.transcribe(AudioContent(b"ID3 a recording", "a.mp3", 1.0, 1.0))
    assert await audio.speak("Hello")
    assert await images.draw("A parrot", "square")
    await audio.close()
    await images.close()


async def test_an_unknown_deployment(azure: AzureServer) -> None:
    """A deployment that does not exist is a model that does not."""
    model = OpenAIModel(name="theirs", api_key=KEY, base_url=deployed(azure, "theirs"))
    with pytest.raises(ModelError, match="“theirs” does not exist"):
        await drafted(model, PROMPT)
    await model.close()


async def test_a_query(serve: Serve, connect: Connect, key: str) -> None:
    """The query of an address goes with every request, and so does the key, in both headers that
    gateways before Azure's API take.
    """
    received: list[web.Request] = []

    async def take(request: web.Request) -> web.Response:
        received.append(request)
        return web.json_response({"error": {"message": "No."}}, status=400)

    model = connect(f"{await serve(take)}/deep/?api-version=1&b=%20c%26")
    with pytest.raises(ModelError):
        await drafted(model, PROMPT)
    assert received[0].path == "/v1/deep/chat/completions"
    assert dict(received[0].query) == {"api-version": "1", "b": " c&"}
    assert received[0].headers["api-key"] == key
    assert received[0].headers["Authorization"] == f"Bearer {key}"


async def test_a_redirect(serve: Serve, connect: Connect, key: str) -> None:
    """A server that redirects to another one takes no key there, but to its own it does."""
    received: list[tuple[str, bool]] = []

    async def take(request: web.Request) -> web.Response:
        received.append((request.path, key in str(request.headers)))
        return web.json_response({"error": {"message": "No."}}, status=400)

    other = await serve(take)

    async def redirect(request: web.Request) -> web.Response:
        if request.path == "/v1/moved/chat/completions":
            raise web.HTTPTemporaryRedirect("/v1/here")
        if request.path == "/v1/here":
            received.append((request.path, key in str(request.headers)))
            raise web.HTTPTemporaryRedirect(f"{other}/elsewhere")
        raise AssertionError(request.path)

    model = connect(f"{await serve(redirect)}/moved?api-version=1")
    with pytest.raises(ModelError):
        await drafted(model, PROMPT)
    assert received[:2] == [("/v1/here", True), ("/v1/elsewhere", False)]


async def test_a_login(serve: Serve) -> None:
    """A user name and a password in the address are sent as HTTP's Basic authentication."""
    received: list[str] = []

    async def take(request: web.Request) -> web.Response:
        received.append(request.headers["Authorization"])
        return web.json_response({"error": {"message": "No."}}, status=400)

    url = (await serve(take)).replace("http://", "http://me:p%40ss@")
    model = OpenAIModel(name="tiny", api_key="", base_url=url)
    with pytest.raises(ModelError):
        await drafted(model, PROMPT)
    assert received[0] == "Basic bWU6cEBzcw=="
    await model.close()


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
