"""How a form is found that a server takes, over real HTTP, and how its errors are understood."""

from collections.abc import Awaitable, Callable
from typing import get_args

import pytest
from aiohttp import web

from slackbot.errors import ModelError
from slackbot.llm.openai.chat_request import Feature
from slackbot.llm.openai.feature_negotiation import FeatureNegotiation
from slackbot.llm.openai.model import OpenAIModel
from slackbot.llm.prompt import Prompt, PromptMessage
from slackbot.playground.fake_openai.request_checks import RequestRules
from slackbot.playground.fake_openai.script import Script, fails
from slackbot.playground.fake_openai.server import ModelServer
from tests.llm.openai.answers import drafted

Connect = Callable[[str], OpenAIModel]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Serve = Callable[[Handler], Awaitable[str]]

FEATURES: tuple[Feature, ...] = get_args(Feature)

PROMPT = Prompt(
    (
        PromptMessage("developer", "Be brief."),
        PromptMessage("user", "Hello?", name="Ana"),
        PromptMessage("user", "Hi!", name="Ben"),
    )
)


async def answer(model: OpenAIModel) -> str:
    return (await drafted(model, PROMPT)).text


def left_out(request: dict[str, object]) -> set[str]:
    """Which features a recorded request does without."""
    text = str(request)
    marks = {"developer": "'developer'", "stream_options": "'stream_options'", "name": "'name'"}
    return {feature for feature, mark in marks.items() if mark not in text}


@pytest.mark.parametrize("status", [400, 422])
@pytest.mark.parametrize("feature", ["developer", "stream_options", "name"])
async def test_named(
    server: ModelServer, model: OpenAIModel, feature: Feature, status: int
) -> None:
    """What an error names is left out of the repeated request, and of every later one."""
    server.rules = RequestRules(refuses=frozenset({feature}), status=status)
    assert await answer(model) == "Hello to you"
    assert await answer(model) == "Hello to you"
    assert [left_out(request) for request in server.requests] == [set(), {feature}, {feature}]


@pytest.mark.parametrize("feature", ["developer", "stream_options", "name"])
async def test_unnamed(server: ModelServer, model: OpenAIModel, feature: Feature) -> None:
    """Where an error names nothing, one feature after the other is left out, and given back."""
    server.rules = RequestRules(refuses=frozenset({feature}), names_it=False)
    assert await answer(model) == "Hello to you"
    attempts = [set(), {"developer"}, {"stream_options"}, {"name"}]
    try_instructions = attempts[: attempts.index({feature}) + 1]
    assert [left_out(request) for request in server.requests] == try_instructions
    await answer(model)
    assert left_out(server.requests[-1]) == {feature}


@pytest.mark.parametrize("names_it", [True, False])
async def test_several(server: ModelServer, model: OpenAIModel, *, names_it: bool) -> None:
    """A server may refuse several features, one after the other or all at once."""
    refuses = frozenset[Feature]({"developer", "stream_options", "name"})
    server.rules = RequestRules(refuses=refuses, names_it=names_it)
    assert await answer(model) == "Hello to you"
    before = len(server.requests)
    await answer(model)
    assert [left_out(request) for request in server.requests[before:]] == [refuses]


@pytest.mark.parametrize("names_it", [True, False])
async def test_internal_error(server: ModelServer, model: OpenAIModel, *, names_it: bool) -> None:
    """A server may put its refusal as an error of its own; only the first request is retried."""
    server.rules = RequestRules(
        refuses=frozenset({"stream_options"}), status=500, names_it=names_it
    )
    assert await answer(model) == "Hello to you"
    assert len(server.requests) == 3 + (1 if names_it else 2)


async def test_gives_up(server: ModelServer, model: OpenAIModel) -> None:
    """Where no form is taken, the first error counts, and nothing is learned."""
    server.answer = lambda _: fails(400, "Something went wrong.")
    with pytest.raises(ModelError, match="did not accept the request"):
        await answer(model)
    assert len(server.requests) == 5
    server.answer = lambda _: "At last"
    assert await answer(model) == "At last"
    assert left_out(server.requests[-1]) == set()


async def test_other_trouble_on_the_way(server: ModelServer, model: OpenAIModel) -> None:
    """A repeated request that fails for another reason ends the search with that one."""
    server.enqueue(fails(400, "Something went wrong."), fails(429))
    with pytest.raises(ModelError, match="too many requests"):
        await answer(model)
    assert len(server.requests) == 2


async def test_no_guessing_on_a_proven_server(server: ModelServer, model: OpenAIModel) -> None:
    """Once a server has answered, an error that names nothing is not about the form."""
    await answer(model)
    server.enqueue(fails(400, "Something went wrong."))
    with pytest.raises(ModelError):
        await answer(model)
    assert len(server.requests) == 2


async def test_no_guessing_on_openai(
    server: ModelServer, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    """OpenAI's own server says what it refuses: no guesses are made there."""
    monkeypatch.setenv("HTTP_PROXY", server.url.removesuffix("/v1"))
    monkeypatch.delenv("NO_PROXY", raising=False)
    server.enqueue(fails(400, "Something went wrong."))
    with pytest.raises(ModelError):
        await answer(connect("http://api.openai.com/v1"))
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("script", "attempts"),
    [
        (fails(400, "Invalid 'name': maximum context length is 5 tokens"), 1),
        (fails(401, "No 'developer' here"), 1),
        (fails(403, "No 'developer' here"), 1),
        (fails(404, "No 'developer' here"), 1),
        (fails(429, "No 'developer' here", retry_after=0.01), 3),
        (fails(400, "Invalid model name passed in: tiny", param="model"), 1),
    ],
)
async def test_not_about_the_form(
    server: ModelServer, model: OpenAIModel, script: Script, attempts: int
) -> None:
    """What is wrong for another known reason is not repeated in another form."""
    server.answer = lambda _: script
    with pytest.raises(ModelError):
        await answer(model)
    assert [left_out(request) for request in server.requests] == [set()] * attempts


@pytest.mark.parametrize(
    ("body", "feature"),
    [
        (
            {
                "detail": [
                    {
                        "type": "extra_forbidden",
                        "loc": ["body", "messages", 1, "user", "name"],
                        "msg": "Extra inputs are not permitted",
                        "input": "Ana",
                    }
                ]
            },
            "name",
        ),
        (
            {
                "message": {
                    "detail": [
                        {
                            "loc": ["body", "messages", 0],
                            "msg": "Input should be 'system', 'user' or 'assistant'",
                            "input": "developer",
                            "ctx": {"messages": [{"name": "Ana"}]},
                        }
                    ]
                }
            },
            "developer",
        ),
        ({"error": "unknown field `stream_options`"}, "stream_options"),
    ],
)
async def test_shapes_of_errors(serve: Serve, connect: Connect, body: object, feature: str) -> None:
    """An error is understood in whichever shape its server puts it."""
    requests = []

    async def picky(request: web.Request) -> web.StreamResponse:
        requests.append(await request.json())
        if len(requests) == 1:
            return web.json_response(body, status=422)
        chunk = '{"choices": [{"delta": {"content": "Fine"}, "finish_reason": "stop"}]}'
        return web.Response(text=f"data: {chunk}\n\n", content_type="text/event-stream")

    assert await answer(connect(await serve(picky))) == "Fine"
    assert left_out(requests[1]) == {feature}


@pytest.mark.parametrize(
    ("text", "feature"),
    [
        ("Unsupported value: 'messages[0].role' does not support 'developer'", "developer"),
        ("Unexpected message role.", "developer"),
        ("Only user, assistant and system roles are supported!", "developer"),
        ("Unrecognized request argument supplied: stream_options", "stream_options"),
        ("'messages.1' : property 'name' is unsupported", "name"),
        ("Invalid 'messages[1].name': string does not match pattern.", "name"),
        ('json: unknown field "name"', "name"),
        ("messages[1]: unknown field `name`, expected `role` or `content`", "name"),
        ("Extra fields: name", "name"),
        ("property name is not allowed", "name"),
        ("Unsupported parameter: 'max_tokens' is not supported", "max_completion_tokens"),
        ("Could not finish the message because max_tokens was reached", "max_completion_tokens"),
        ("Invalid content type. image_url is only supported by certain models.", "image_url"),
        ("image input is not supported - hint: you may need to provide the mmproj", "image_url"),
        ("This model does not support image inputs.", "image_url"),
        ("Invalid content type. file is only supported by certain models.", "file"),
        ("Unknown part type: file", "file"),
        ("unsupported content[].type", "file"),
        ("'messages.1.content.1' : one of ('text', 'file') expected", "file"),
        ("Invalid content type. input_audio is only supported by certain models.", "input_audio"),
        ("This model does not support audio input.", "input_audio"),
        ("Audio with ID audio_0123456789 not found.", "audio_id"),
        ("Invalid value for messages[2].audio.id", "audio_id"),
        ("Unknown parameter: 'modalities'.", "audio"),
        ("This model does not support audio output.", "audio"),
        ("tiny is not a multimodal model: multimodal input is not supported", "image_url"),
    ],
)
def test_named_features(text: str, feature: Feature) -> None:
    """The words in which servers have been seen to refuse a feature."""
    form = FeatureNegotiation(FEATURES, frozenset(), proven=FEATURES)
    assert form.refused(text)
    assert form.without == {feature}


@pytest.mark.parametrize(
    "text",
    [
        "Invalid model name 'tiny'",
        "The model name is unknown.",
        "Unknown model in parameter model: name one that exists",
        "The file name is too long.",
        "You uploaded an unsupported image. Please make sure your image is valid.",
        '<meta name="viewport">',
        "The developers are on holiday.",
    ],
)
def test_common_words(text: str) -> None:
    """A word that only happens to occur names no feature."""
    form = FeatureNegotiation(FEATURES, frozenset(), proven=FEATURES)
    assert not form.refused(text)
