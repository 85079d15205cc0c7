"""Which API a request goes to, over real HTTP."""

import pytest
from aiohttp import web

from slackbot.errors import ModelError
from slackbot.expiring_set import REMEMBERED_SECONDS
from slackbot.llm.openai.api_selector import takes_tools_in_responses_only
from slackbot.llm.openai.model import OpenAIModel
from slackbot.llm.prompt import Prompt
from slackbot.network import Network
from slackbot.playground.fake_openai.request_checks import RequestRules
from slackbot.playground.fake_openai.server import ModelServer
from tests.llm.openai.answers import drafted, streamed
from tests.llm.openai.conftest import Clock, Connect, Serve
from tests.llm.openai.prompts import ASKED, PROMPT, WITH_TOOLS


async def test_no_search_elsewhere(server: ModelServer, connect: Connect) -> None:
    """A server that is not OpenAI's is not asked to search, unless it is said to speak this API."""
    model = connect(server.url)
    await streamed(model, Prompt(ASKED, search=True))
    assert not model.can_search
    assert server.paths == ["/v1/chat/completions"]
    assert "tools" not in server.requests[0]


async def test_auto_learns_from_the_refusal(server: ModelServer, connect: Connect) -> None:
    """A model that takes tools only here is asked here once its server has said so; without tools
    it is asked as before.
    """
    server.rules = RequestRules(reasons=True)
    model = connect(server.url)
    assert (await drafted(model, WITH_TOOLS)).text == "Hello to you"
    assert (await drafted(model, WITH_TOOLS)).text == "Hello to you"
    assert (await drafted(model, PROMPT)).text == "Hello to you"
    assert server.paths == [
        "/v1/chat/completions",
        "/v1/responses",
        "/v1/responses",
        "/v1/chat/completions",
    ]


async def test_the_lesson_is_tried_again(server: ModelServer, connect: Connect) -> None:
    """After an hour chat completions are asked once more."""
    clock = Clock()
    server.rules = RequestRules(reasons=True)
    model = connect(server.url, clock=clock)
    await drafted(model, WITH_TOOLS)
    server.rules = RequestRules()
    await drafted(model, WITH_TOOLS)
    clock.now += REMEMBERED_SECONDS
    await drafted(model, WITH_TOOLS)
    assert server.paths == [
        "/v1/chat/completions",
        *["/v1/responses"] * 2,
        "/v1/chat/completions",
    ]


@pytest.mark.parametrize("status", [400, 503])
async def test_a_pointer_into_the_void(serve: Serve, connect: Connect, status: int) -> None:
    """A server that only mentions the Responses API, and does not have it, is asked as before."""
    paths: list[str] = []

    async def handler(request: web.Request) -> web.StreamResponse:
        paths.append(request.path)
        if request.path == "/v1/responses":
            return web.json_response({}, status=404)
        if len(paths) == 1:
            error = {"message": "The tools need the Responses API."}
            again = {"x-should-retry": "false"}
            return web.json_response({"error": error}, status=status, headers=again)
        chunk = '{"choices": [{"delta": {"content": "Fine"}, "finish_reason": "stop"}]}'
        return web.Response(text=f"data: {chunk}\n\n", content_type="text/event-stream")

    model = connect(await serve(handler))
    with pytest.raises(ModelError):
        await drafted(model, WITH_TOOLS)
    assert (await drafted(model, WITH_TOOLS)).text == "Fine"
    assert paths.count("/v1/responses") == (1 if status == 400 else 0)


async def test_auto_at_openai(server: ModelServer, network: Network) -> None:
    """At OpenAI's own address a model that is known to need it is asked here at once."""
    model = OpenAIModel(
        name="gpt-6.2-sol", api_key="x", base_url="http://api.openai.com/v1", network=network
    )
    await streamed(model, WITH_TOOLS)
    await streamed(model, PROMPT)
    await model.close()
    assert server.paths == ["/v1/responses", "/v1/chat/completions"]


async def test_chat_alone(server: ModelServer, connect: Connect) -> None:
    """Who wants chat completions alone gets them: without tools, where they are refused."""
    server.rules = RequestRules(reasons=True)
    model = connect(server.url, api="chat")
    assert (await drafted(model, WITH_TOOLS)).text == "Hello to you"
    assert server.paths == ["/v1/chat/completions"] * 2
    assert "tools" not in server.requests[1]


@pytest.mark.parametrize(
    ("model", "needed"),
    [
        ("gpt-4o", False),
        ("gpt-4.1-mini", False),
        ("gpt-5", False),
        ("gpt-5.3", False),
        ("gpt-5.4", True),
        ("gpt-5.10-nano", True),
        ("gpt-6-luna", True),
        ("gpt-6.2-sol", True),
        ("ft:gpt-6-luna:us:1", True),
        ("gpt-audio-1.5", False),
        ("gpt-4omni", False),
        ("o3", False),
        ("my-gpt-6", False),
    ],
)
def test_models_that_need_it(model: str, needed: bool) -> None:  # noqa: FBT001 - what is expected
    """gpt-5.4 and later do, by their names."""
    assert takes_tools_in_responses_only(model) is needed
