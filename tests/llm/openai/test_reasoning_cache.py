"""What a model thought goes back to it with the calls that it led to."""

from slackbot.llm.openai.model import OpenAIModel
from slackbot.llm.openai.reasoning_cache import MAX_CALLS, MAX_CHARACTERS, ReasoningCache
from slackbot.llm.openai.request import OpenAIRequest
from slackbot.llm.prompt import Prompt
from slackbot.playground.fake_openai.request_checks import RequestRules
from slackbot.playground.fake_openai.script import calls, fails, searches, thinks
from slackbot.playground.fake_openai.server import ModelServer
from tests.llm.openai.answers import drafted, streamed
from tests.llm.openai.conftest import RESPONSES
from tests.llm.openai.prompts import ADD, ASKED, PROMPT, USED, WITH_TOOLS


@RESPONSES
async def test_thoughts_go_back(server: ModelServer, model: OpenAIModel) -> None:
    """What the model thought before it called a tool goes back to it with that call."""
    server.enqueue(thinks("x7Q").then(calls("add", '{"a": 1}')), "Two.")
    await streamed(model, WITH_TOOLS)
    await streamed(model, Prompt(USED, tools=(ADD,)))
    thought, call = server.requests[1]["input"][3:5]
    assert (thought["type"], thought["encrypted_content"]) == ("reasoning", "x7Q")
    assert call["call_id"] == "call_1"


@RESPONSES
async def test_thoughts_are_one_models(server: ModelServer, model: OpenAIModel) -> None:
    """No other model is sent what one has thought, as it could not read it."""
    server.enqueue(thinks("x7Q").then(calls("add", '{"a": 1}')), "Two.")
    await streamed(model, WITH_TOOLS)
    async for _ in model.stream(Prompt(USED, tools=(ADD,)), model="other"):
        pass
    assert "reasoning" not in [item.get("type") for item in server.requests[1]["input"]]


@RESPONSES
async def test_a_model_that_does_not_reason(server: ModelServer, model: OpenAIModel) -> None:
    """A model without thoughts of its own is asked without them."""
    server.rules = RequestRules(refuses=frozenset({"encrypted_content"}))
    assert (await drafted(model, WITH_TOOLS)).text == "Hello to you"
    assert (await drafted(model, WITH_TOOLS)).text == "Hello to you"
    assert ["include" in request for request in server.requests] == [True, False, False]
    assert "tools" in server.requests[1]


@RESPONSES
async def test_a_thought_before_a_search_stays(server: ModelServer, model: OpenAIModel) -> None:
    """A thought that led to a search goes back with nothing: the search does not go back either."""
    script = thinks("x").then(searches()).then(calls("add", '{"a": 1}'))
    server.enqueue(script, "Two.")
    await streamed(model, Prompt(ASKED, tools=(ADD,), search=True))
    await streamed(model, Prompt(USED, tools=(ADD,), search=True))
    assert "reasoning" not in [item.get("type") for item in server.requests[1]["input"]]


def test_only_the_newest_are_kept() -> None:
    """The oldest call is forgotten for the newest one, and what is too long is not kept."""
    cache, request, thought = ReasoningCache(), OpenAIRequest("tiny", PROMPT), item("x7Q")
    for number in range(MAX_CALLS + 1):
        cache.keep(request, f"call_{number}", (thought,))
    cache.keep(request, "long", (item("x" * MAX_CHARACTERS), thought))
    assert cache.before(request, "call_0") == ()
    assert cache.before(request, "long") == ()
    assert cache.before(request, "call_1") == (thought,)
    assert cache.before(request, f"call_{MAX_CALLS}") == (thought,)


def test_thoughts_stay_in_their_conversation() -> None:
    """A server that numbers the calls of each conversation from 0 makes nobody's thoughts another
    person's.
    """
    cache = ReasoningCache()
    mine, yours = (OpenAIRequest("tiny", PROMPT, conversation=name) for name in "ab")
    cache.keep(mine, "call_0", (item("x7Q"),))
    assert cache.before(yours, "call_0") == ()
    assert cache.before(mine, "call_0") == (item("x7Q"),)


def item(encrypted: str) -> dict[str, str]:
    return {"type": "reasoning", "encrypted_content": encrypted}


@RESPONSES
async def test_thoughts_that_can_not_be_read(server: ModelServer, model: OpenAIModel) -> None:
    """What the server can't read any more is not sent again, and later thoughts are kept."""
    error = "The encrypted content x7Q could not be verified."
    server.enqueue(
        thinks("x7Q").then(calls("add", '{"a": 1}')),
        fails(400, error, code="invalid_encrypted_content"),
        *("Two.", "Two."),
    )
    await streamed(model, WITH_TOOLS)
    for _ in range(2):
        assert (await drafted(model, Prompt(USED, tools=(ADD,)))).text == "Two."
    kinds = [[item.get("type") for item in request["input"]] for request in server.requests]
    assert ["reasoning" in each for each in kinds] == [False, True, False, False]
    assert ["include" in request for request in server.requests] == [True, True, False, True]
