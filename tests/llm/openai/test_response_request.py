"""What a prompt looks like in a request to the Responses API, over real HTTP."""

from dataclasses import replace

from slackbot.llm.openai.model import OpenAIModel
from slackbot.llm.prompt import Prompt, PromptMessage
from slackbot.playground.fake_openai.request_checks import RequestRules
from slackbot.playground.fake_openai.server import ModelServer
from tests.llm.openai.answers import streamed
from tests.llm.openai.conftest import RESPONSES
from tests.llm.openai.prompts import ADD, ASKED, CALL, PROMPT, USED, WITH_TOOLS

pytestmark = RESPONSES


async def test_the_request(server: ModelServer, model: OpenAIModel) -> None:
    """Nothing is kept on the server; tools are not strict."""
    await streamed(model, WITH_TOOLS)
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
            "max_output_tokens": 16_000,
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
    await streamed(model, PROMPT)
    await streamed(model, Prompt((*ASKED, PromptMessage("user", "Hi.", name="Ben"))))
    one, both = ([item["content"] for item in each["input"]] for each in server.requests)
    assert one == ["Be brief.", "Ana: Hello?"]
    assert both == [*one, "Ben: Hi."]


async def test_strict_servers(server: ModelServer, model: OpenAIModel) -> None:
    """Neighbours of one role become one message here too, and calls are made one at a time."""
    server.rules = RequestRules(
        strict=frozenset({"alternating_roles", "no_system_role", "single_calls"})
    )
    other = replace(CALL, id="call_2")
    result = PromptMessage("tool", "3", call_id="call_2")
    calling = PromptMessage("assistant", "Wait.", calls=(CALL, other))
    ben = PromptMessage("user", "Hi.", name="Ben")
    await streamed(model, Prompt((*ASKED, ben, calling, USED[-1], result)))
    asked, text, *calls = server.requests[-1]["input"]
    assert asked == {"role": "user", "content": "Be brief.\n\nAna: Hello?\n\nBen: Hi."}
    assert text == {"role": "assistant", "content": "Wait."}
    assert [item["type"] for item in calls] == ["function_call", "function_call_output"] * 2


async def test_calls_go_back(server: ModelServer, model: OpenAIModel) -> None:
    """A round of tools is the text, the calls and their outputs; `must_answer` allows no more."""
    await streamed(model, Prompt(USED, tools=(ADD,), must_answer=True))
    assert server.requests[0]["input"][2:] == [
        {"role": "assistant", "content": "Wait."},
        {"type": "function_call", "call_id": "call_1", "name": "add", "arguments": '{"a": 1}'},
        {"type": "function_call_output", "call_id": "call_1", "output": "2"},
    ]
    assert server.requests[0]["tool_choice"] == "none"
