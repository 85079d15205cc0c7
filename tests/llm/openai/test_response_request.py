"""The Responses API over real HTTP: the same deltas in another protocol, and when it is used."""

import pytest

from slackbot.attachments.media_parts import ImageContent, PdfContent, TextContent
from slackbot.conversation.deltas import (
    FinishDelta,
    ModelDelta,
    SourceDelta,
    TextDelta,
    TokenUsage,
    ToolCallDelta,
    UsageDelta,
    WebSearchDelta,
)
from slackbot.conversation.history import Answer, ToolCall
from slackbot.errors import BrokenAnswerError, ContextOverflowError, ModelError
from slackbot.llm.openai.api_selector import needs_responses
from slackbot.llm.openai.model import FORBIDDEN, UNSEEN, OpenAIModel
from slackbot.llm.prompt import Prompt, PromptMessage
from slackbot.llm.tool_calls import ToolDefinition
from slackbot.playground.fake_openai.request_checks import RequestRules
from slackbot.playground.fake_openai.script import (
    Refusal,
    Script,
    calls,
    calls_together,
    declines,
    fails,
    says,
    searches,
    thinks,
)
from slackbot.playground.fake_openai.server import ModelServer
from tests.llm.openai.answers import drafted
from tests.llm.openai.conftest import Connect

ADD = ToolDefinition("add", "Adds.", {"type": "object", "properties": {}})
CALL = ToolCall("call_1", "add", '{"a": 1}')
ASKED = (
    PromptMessage("developer", "Be brief."),
    PromptMessage("user", "Hello?", name="Ana"),
)
PICTURE = ImageContent(b"\x89PNG\r\n\x1a\n", "image/png", 1, 1)
PROMPT = Prompt(ASKED)
WITH_TOOLS = Prompt(ASKED, tools=(ADD,))
USED = (
    *ASKED,
    PromptMessage("assistant", "Wait.", calls=(CALL,)),
    PromptMessage("tool", "2", answers="call_1"),
)


@pytest.fixture
async def model(server: ModelServer, connect: Connect) -> OpenAIModel:
    return connect(server.url, api="responses")


async def heard(model: OpenAIModel, prompt: Prompt = PROMPT) -> list[ModelDelta]:
    return [delta async for delta in model.stream(prompt)]


async def test_the_same_deltas(server: ModelServer, model: OpenAIModel) -> None:
    """Text, the end and the usage come as they do from chat completions."""
    server.enqueue(says("One two").counted(prompt=12, completion=3))
    assert await heard(model) == [
        TextDelta("One"),
        TextDelta(" two"),
        FinishDelta(),
        UsageDelta(TokenUsage(prompt=12, completion=3)),
    ]
    assert server.paths == ["/v1/responses"]


async def test_the_request(server: ModelServer, model: OpenAIModel) -> None:
    """Nothing is kept on the server; tools are not strict."""
    await heard(model, WITH_TOOLS)
    assert server.requests == [
        {
            "model": "tiny",
            "input": [
                {"role": "developer", "content": "Be brief."},
                {"role": "user", "content": "Ana: Hello?"},
            ],
            "stream": True,
            "store": False,
            "include": ["reasoning.encrypted_content"],
            "tools": [
                {
                    "type": "function",
                    "name": "add",
                    "description": "Adds.",
                    "parameters": {"type": "object", "properties": {}},
                    "strict": False,
                }
            ],
        }
    ]


async def test_names_go_into_the_text(server: ModelServer, model: OpenAIModel) -> None:
    """There are no names here: they are in the text, and stay there when somebody joins."""
    await heard(model)
    await heard(model, Prompt((*ASKED, PromptMessage("user", "Hi.", name="Ben"))))
    one, both = ([item["content"] for item in each["input"]] for each in server.requests)
    assert one == ["Be brief.", "Ana: Hello?"]
    assert both == [*one, "Ben: Hi."]


async def test_calls(server: ModelServer, model: OpenAIModel) -> None:
    """Calls arrive in pieces by their place, also several at once and after text."""
    one, two = calls("add", '{"a":', "1}", call_id="one"), calls("add", "{}", call_id="two")
    server.enqueue(says("Wait.").then(calls_together(one, two)))
    pieces = [each for each in await heard(model, WITH_TOOLS) if isinstance(each, ToolCallDelta)]
    assert [piece for piece in pieces if piece.id] == [
        ToolCallDelta(1, "one", "add"),
        ToolCallDelta(2, "two", "add"),
    ]
    assert "".join(piece.arguments for piece in pieces if piece.index == 1) == '{"a":1}'


async def test_calls_go_back(server: ModelServer, model: OpenAIModel) -> None:
    """A round of tools is the text, the calls and their outputs; `to_answer` allows no more."""
    await heard(model, Prompt(USED, tools=(ADD,), to_answer=True))
    assert server.requests[0]["input"][2:] == [
        {"role": "assistant", "content": "Wait."},
        {"type": "function_call", "call_id": "call_1", "name": "add", "arguments": '{"a": 1}'},
        {"type": "function_call_output", "call_id": "call_1", "output": "2"},
    ]
    assert server.requests[0]["tool_choice"] == "none"


async def test_thoughts_go_back(server: ModelServer, model: OpenAIModel) -> None:
    """What the model thought before it called a tool goes back to it with that call."""
    server.enqueue(thinks("x7Q").then(calls("add", '{"a": 1}')), "Two.")
    await heard(model, WITH_TOOLS)
    await heard(model, Prompt(USED, tools=(ADD,)))
    thought, call = server.requests[1]["input"][3:5]
    assert (thought["type"], thought["encrypted_content"]) == ("reasoning", "x7Q")
    assert call["call_id"] == "call_1"


async def test_a_refusal(server: ModelServer, model: OpenAIModel) -> None:
    """The model's refusal arrives as one, and goes back as one."""
    server.enqueue(declines("I won't."), "Fine.")
    assert (await drafted(model, PROMPT)).answer == Answer("", refusal="I won't.")
    await heard(model, Prompt((*ASKED, PromptMessage("assistant", "", refusal="I won't."))))
    assert server.requests[1]["input"][2] == {
        "role": "assistant",
        "content": [{"type": "refusal", "refusal": "I won't."}],
    }


@pytest.mark.parametrize("ending", ["stop", "length", "content_filter"])
async def test_endings(server: ModelServer, model: OpenAIModel, ending: str) -> None:
    """An incomplete response says why it is."""
    server.enqueue(says("So far").ending(ending))
    assert (await drafted(model, PROMPT)).finish_reason == ending


def failing(code: str) -> Script:
    """A response that ends as failed before it says anything."""
    return Script(({"failed": {"code": code, "message": "Oh."}},), finish=None)


async def test_a_question_that_is_not_allowed(server: ModelServer, model: OpenAIModel) -> None:
    """Here a response that has begun may fail for its question: asked once more it would again."""
    server.enqueue(failing("invalid_prompt"))
    with pytest.raises(ModelError, match="provider does not allow") as caught:
        await heard(model)
    assert not isinstance(caught.value, BrokenAnswerError)


async def test_a_picture_that_is_not_allowed(server: ModelServer, model: OpenAIModel) -> None:
    """A response that fails for its picture is asked for without it, this once."""
    asked = Prompt((PromptMessage("user", "Look!", media=(PICTURE,)),))
    server.enqueue(failing("image_content_policy_violation"), "Where?", "A flag.")
    blind = await drafted(model, asked)
    assert (blind.text, blind.notes) == ("Where?", (FORBIDDEN,))
    assert (await drafted(model, asked)).notes == ()
    shown = [isinstance(each["input"][0]["content"], list) for each in server.requests]
    assert shown == [True, False, True]


@pytest.mark.parametrize(
    ("script", "error", "sentence"),
    [
        (says("One two").dropped(after=1), BrokenAnswerError, "broke off in the middle"),
        (says("One two").ending(None), BrokenAnswerError, "broke off in the middle"),
        (says("One two").stalled(after=1), BrokenAnswerError, "did not go on"),
        (says("One two").garbled(after=1), BrokenAnswerError, "not an answer"),
        (says("One two").failed(1, Refusal()), BrokenAnswerError, "reported a problem"),
        (
            says("One").failed(0, Refusal(code="rate_limit_exceeded")),
            ModelError,
            "too many requests",
        ),
        (fails(401), ModelError, "API key"),
        (fails(400, code="context_length_exceeded"), ContextOverflowError, "send less"),
    ],
)
async def test_faults(
    server: ModelServer, model: OpenAIModel, script: Script, error: type[ModelError], sentence: str
) -> None:
    """What goes wrong is told apart as it is with chat completions."""
    server.enqueue(script)
    with pytest.raises(error, match=sentence):
        await heard(model)


async def test_a_failed_response(server: ModelServer, model: OpenAIModel) -> None:
    """A response that ends as failed is no answer."""
    server.enqueue(Script(({"failed": {"code": "server_error", "message": "Oh."}},), finish=None))
    with pytest.raises(ModelError, match="reported a problem"):
        await heard(model)


async def test_the_web_is_searched(server: ModelServer, model: OpenAIModel) -> None:
    """The hosted search is offered where it is allowed; it tells when it is on, and its sources."""
    found = ("https://example.com/a", "A page")
    server.enqueue(thinks("x").then(searches(found)).then(says("So it is.")))
    deltas = await heard(model, Prompt(ASKED, search=True))
    assert server.requests[0]["tools"] == [{"type": "web_search"}]
    assert WebSearchDelta() in deltas
    assert SourceDelta(*found) in deltas
    assert model.searches


async def test_thoughts_are_one_models(server: ModelServer, model: OpenAIModel) -> None:
    """No other model is sent what one has thought, as it could not read it."""
    server.enqueue(thinks("x7Q").then(calls("add", '{"a": 1}')), "Two.")
    await heard(model, WITH_TOOLS)
    async for _ in model.stream(Prompt(USED, tools=(ADD,)), model="other"):
        pass
    assert "reasoning" not in [item.get("type") for item in server.requests[1]["input"]]


async def test_a_model_that_does_not_reason(server: ModelServer, model: OpenAIModel) -> None:
    """A model without thoughts of its own is asked without them."""
    server.rules = RequestRules(refuses=frozenset({"encrypted_content"}))
    assert (await drafted(model, WITH_TOOLS)).text == "Hello to you"
    assert (await drafted(model, WITH_TOOLS)).text == "Hello to you"
    assert ["include" in request for request in server.requests] == [True, False, False]
    assert "tools" in server.requests[1]


async def test_a_model_that_can_not_see(server: ModelServer, model: OpenAIModel) -> None:
    """A model that takes neither pictures nor documents is asked with what can be read of them, and
    the person is told of the picture.
    """
    server.rules = RequestRules(refuses=frozenset({"image_url", "file"}))
    report = PdfContent(b"%PDF-", TextContent("a.pdf", "Hello", 5), 1)
    asked = PromptMessage("user", "Look!", media=(PICTURE, report))
    for _ in range(2):
        assert (await drafted(model, Prompt((asked,)))).notes == (UNSEEN["image_url"],)
    contents = [request["input"][0]["content"] for request in server.requests]
    kinds = [[part["type"] for part in content] for content in contents[:2]]
    assert kinds == [["input_text", "input_image", "input_file"], ["input_text", "input_file"]]
    text = 'Look!\n<file name="a.pdf">\nHello\n</file>\n(You can\'t see pictures.)'
    assert contents[2:] == [text, text]


async def test_a_model_that_can_not_search(server: ModelServer, model: OpenAIModel) -> None:
    """A model that takes no search is asked without it, and keeps its other tools."""
    server.rules = RequestRules(refuses=frozenset({"web_search"}))
    assert (await drafted(model, Prompt(ASKED, tools=(ADD,), search=True))).text == "Hello to you"
    assert [tool["type"] for tool in server.requests[1]["tools"]] == ["function"]


async def test_a_thought_before_a_search_stays(server: ModelServer, model: OpenAIModel) -> None:
    """A thought that led to a search goes back with nothing: the search does not go back either."""
    script = thinks("x").then(searches()).then(calls("add", '{"a": 1}'))
    server.enqueue(script, "Two.")
    await heard(model, Prompt(ASKED, tools=(ADD,), search=True))
    await heard(model, Prompt(USED, tools=(ADD,), search=True))
    assert "reasoning" not in [item.get("type") for item in server.requests[1]["input"]]


async def test_no_search_elsewhere(server: ModelServer, connect: Connect) -> None:
    """A server that is not OpenAI's is not asked to search, unless it is said to speak this API."""
    model = connect(server.url)
    await heard(model, Prompt(ASKED, search=True))
    assert not model.searches
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


async def test_auto_at_openai(server: ModelServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """At OpenAI's own address a model that is known to need it is asked here at once."""
    monkeypatch.setenv("HTTP_PROXY", server.url.removesuffix("/v1"))
    monkeypatch.delenv("NO_PROXY", raising=False)
    model = OpenAIModel(name="gpt-6.2-sol", api_key="x", base_url="http://api.openai.com/v1")
    await heard(model, WITH_TOOLS)
    await heard(model)
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
    assert needs_responses(model) is needed
