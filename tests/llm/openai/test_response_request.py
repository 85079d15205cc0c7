"""What a prompt looks like in a request to the Responses API, over real HTTP."""

from slackbot.llm.openai.model import OpenAIModel
from slackbot.llm.prompt import Prompt, PromptMessage
from slackbot.playground.fake_openai.server import ModelServer
from tests.llm.openai.answers import streamed
from tests.llm.openai.conftest import RESPONSES
from tests.llm.openai.prompts import ADD, ASKED, PROMPT, USED, WITH_TOOLS

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


async def test_calls_go_back(server: ModelServer, model: OpenAIModel) -> None:
    """A round of tools is the text, the calls and their outputs; `must_answer` allows no more."""
    await streamed(model, Prompt(USED, tools=(ADD,), must_answer=True))
    assert server.requests[0]["input"][2:] == [
        {"role": "assistant", "content": "Wait."},
        {"type": "function_call", "call_id": "call_1", "name": "add", "arguments": '{"a": 1}'},
        {"type": "function_call_output", "call_id": "call_1", "output": "2"},
    ]
    assert server.requests[0]["tool_choice"] == "none"
