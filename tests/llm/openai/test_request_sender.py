"""A request reaches the server in a form that it takes, over real HTTP."""

from dataclasses import replace

import pytest
from aiohttp import web

from slackbot.attachments.media_parts import PdfContent, TextContent
from slackbot.errors import ModelError
from slackbot.expiring_set import REMEMBERED_SECONDS
from slackbot.llm.openai.model import OpenAIModel
from slackbot.llm.openai.texts import MEDIA_NOT_TAKEN, MEDIA_OMITTED
from slackbot.llm.prompt import Prompt, PromptMessage
from slackbot.network import Network
from slackbot.playground.fake_openai.request_checks import Feature, RequestRules
from slackbot.playground.fake_openai.script import Script, fails
from slackbot.playground.fake_openai.server import ModelServer
from tests.llm.openai.answers import drafted
from tests.llm.openai.conftest import RESPONSES, Clock, Connect, Serve
from tests.llm.openai.prompts import ADD, ASKED, PICTURE

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
    tried = attempts[: attempts.index({feature}) + 1]
    assert [left_out(request) for request in server.requests] == tried
    await answer(model)  # a guess has taught nothing, but comes first now
    assert [left_out(request) for request in server.requests[len(tried) :]] == [set(), {feature}]


@pytest.mark.parametrize("names_it", [True, False])
async def test_several(server: ModelServer, model: OpenAIModel, *, names_it: bool) -> None:
    """A server may refuse several features, one after the other or all at once. What costs nothing
    is left out of the next request, too: then the names stand in the text.
    """
    refuses = frozenset[Feature]({"developer", "stream_options", "name"})
    server.rules = RequestRules(refuses=refuses, names_it=names_it)
    assert await answer(model) == "Hello to you"
    before = len(server.requests)
    await answer(model)
    tried = [left_out(request) for request in server.requests[before:]]
    assert tried == ([refuses] if names_it else [{"name"}, refuses])


@pytest.mark.parametrize("names_it", [True, False])
async def test_internal_error(server: ModelServer, model: OpenAIModel, *, names_it: bool) -> None:
    """A server may put its refusal as an error of its own; only the first request is retried."""
    server.rules = RequestRules(
        refuses=frozenset({"stream_options"}), status=500, names_it=names_it
    )
    assert await answer(model) == "Hello to you"
    assert len(server.requests) == 3 + (1 if names_it else 2)
    assert await answer(model) == "Hello to you"
    assert len(server.requests) == 3 + (2 if names_it else 4)


SEEN = Prompt((PromptMessage("user", "Look!", media=(PICTURE,)),))
OTHER_PICTURE = replace(PICTURE, content=PICTURE.content + b"2", name="b.png")
OTHER = Prompt((PromptMessage("user", "And this?", media=(OTHER_PICTURE,)),))
UNREADABLE = MEDIA_OMITTED["unreadable"].format(name="a file")


async def test_a_passing_failure_with_a_picture(server: ModelServer, model: OpenAIModel) -> None:
    """Three errors of the server on the first picture say nothing about pictures."""
    assert await answer(model) == "Hello to you"
    server.enqueue(*[fails(500)] * 3)
    with pytest.raises(ModelError, match="has a problem at the moment"):
        await drafted(model, SEEN)
    assert (await drafted(model, SEEN)).notes == ()
    assert "image_url" in str(server.requests[-1])


async def test_passing_failures_at_the_start(server: ModelServer, model: OpenAIModel) -> None:
    """Six errors of the server before it ever answered cost no answer its tools."""
    server.enqueue(*[fails(500)] * 6)
    asked = Prompt(PROMPT.messages, tools=(ADD,))
    for _ in range(2):
        assert (await drafted(model, asked)).text == "Hello to you"
        assert "tools" in server.requests[-1]
    assert left_out(server.requests[-1]) == set()


async def test_after_a_guess_other_failures_are_retried(
    server: ModelServer, model: OpenAIModel
) -> None:
    """Where a guess has helped before, a server that is busy is still asked again."""
    server.rules = RequestRules(refuses=frozenset({"name"}), names_it=False)
    await answer(model)
    server.rules = RequestRules()
    server.enqueue(fails(429, retry_after=0.01), "At last")
    assert await answer(model) == "At last"
    assert left_out(server.requests[-1]) == set()


async def test_a_picture_that_is_refused_without_a_reason(
    server: ModelServer, model: OpenAIModel
) -> None:
    """It is left out on a guess, the person is told, and the next one is tried."""
    assert await answer(model) == "Hello to you"
    server.rules = RequestRules(refuses=frozenset({"image_url"}), names_it=False)
    assert (await drafted(model, SEEN)).notes == (UNREADABLE,)
    server.rules = RequestRules()
    assert (await drafted(model, OTHER)).notes == ()


async def test_a_picture_that_is_broken(server: ModelServer, model: OpenAIModel) -> None:
    """What a server says about one picture, it says about no other."""
    server.enqueue(fails(400, "Invalid image.", code="invalid_image", param="[0].image_url"))
    assert (await drafted(model, SEEN)).notes == (UNREADABLE,)
    assert (await drafted(model, OTHER)).notes == ()


async def test_a_lesson_is_tried_again(server: ModelServer, connect: Connect) -> None:
    """What a server said that it refuses is tried again after an hour."""
    clock = Clock()
    model = connect(server.url, clock=clock)
    server.rules = RequestRules(refuses=frozenset({"image_url"}))
    for later in (0.0, REMEMBERED_SECONDS - 1):
        clock.now = 1_000.0 + later
        assert (await drafted(model, SEEN)).notes == (MEDIA_NOT_TAKEN["image_url"],)
    assert len(server.requests) == 3
    clock.now += 1
    assert (await drafted(model, SEEN)).notes == (MEDIA_NOT_TAKEN["image_url"],)
    assert len(server.requests) == 5
    server.rules = RequestRules()
    clock.now += REMEMBERED_SECONDS
    assert (await drafted(model, SEEN)).notes == ()


async def test_proof_is_not_for_ever(server: ModelServer, connect: Connect) -> None:
    """A server that was replaced by one that refuses a formality, without a word, is understood."""
    clock = Clock()
    model = connect(server.url, clock=clock)
    await answer(model)
    server.rules = RequestRules(refuses=frozenset({"developer"}), names_it=False)
    with pytest.raises(ModelError):
        await answer(model)
    clock.now += REMEMBERED_SECONDS
    assert await answer(model) == "Hello to you"


async def test_gives_up(server: ModelServer, model: OpenAIModel) -> None:
    """Where no form is taken, the first error counts, and nothing is learned."""
    server.answer = lambda _: fails(400, "Something went wrong.")
    with pytest.raises(ModelError, match="did not accept the request"):
        await answer(model)
    assert len(server.requests) == 6
    server.answer = lambda _: "At last"
    assert await answer(model) == "At last"
    assert left_out(server.requests[-1]) == set()


async def test_other_trouble_on_the_way(server: ModelServer, model: OpenAIModel) -> None:
    """A repeated request that fails for another reason ends the search with that one."""
    server.enqueue(fails(400, "Something went wrong."), fails(429))
    with pytest.raises(ModelError, match="too many requests"):
        await answer(model)
    assert len(server.requests) == 2


async def test_a_retry_after_of_a_year(server: ModelServer, model: OpenAIModel) -> None:
    """A server that asks for a pause of a year is not waited for, and asked again by the next
    question.
    """
    server.enqueue(fails(429, retry_after=31_536_000))
    with pytest.raises(ModelError, match="too many requests"):
        await answer(model)
    assert await answer(model) == "Hello to you"


async def test_no_guessing_on_a_proven_server(server: ModelServer, model: OpenAIModel) -> None:
    """Once a server has answered, an error that names nothing is not about the form."""
    await answer(model)
    server.enqueue(fails(400, "Something went wrong."))
    with pytest.raises(ModelError):
        await answer(model)
    assert len(server.requests) == 2


async def test_no_guessing_on_openai(
    server: ModelServer, connect: Connect, network: Network
) -> None:
    """OpenAI's own server says what it refuses: no guesses are made there."""
    server.enqueue(fails(400, "Something went wrong."))
    with pytest.raises(ModelError):
        await answer(connect("http://api.openai.com/v1", network=network))
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


@RESPONSES
async def test_a_model_that_can_not_see(server: ModelServer, model: OpenAIModel) -> None:
    """A model that takes neither pictures nor documents is asked with what can be read of them, and
    the person is told of the picture.
    """
    server.rules = RequestRules(refuses=frozenset({"image_url", "file"}))
    report = PdfContent(b"%PDF-", TextContent("a.pdf", "Hello", 5), 1)
    asked = PromptMessage("user", "Look!", media=(PICTURE, report))
    for _ in range(2):
        assert (await drafted(model, Prompt((asked,)))).notes == (MEDIA_NOT_TAKEN["image_url"],)
    contents = [request["input"][0]["content"] for request in server.requests]
    kinds = [[part["type"] for part in content] for content in contents[:2]]
    assert kinds == [["input_text", "input_image", "input_file"], ["input_text", "input_file"]]
    text = f"Look!\n{report.extract.quoted}\n(You can't see pictures.)"
    assert contents[2:] == [text, text]


@RESPONSES
async def test_a_model_that_can_not_search(server: ModelServer, model: OpenAIModel) -> None:
    """A model that takes no search is asked without it, and keeps its other tools."""
    server.rules = RequestRules(refuses=frozenset({"web_search"}))
    assert (await drafted(model, Prompt(ASKED, tools=(ADD,), search=True))).text == "Hello to you"
    assert [tool["type"] for tool in server.requests[1]["tools"]] == ["function"]
