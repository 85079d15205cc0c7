from typing import Any

import pytest
from aiohttp import ClientSession

from slackbot.playground.fake_openai.server import ModelServer
from tests.playground.fake_openai.requests import ASKED

ITEM = {"type": "function_call", "call_id": "call_1", "name": "f", "arguments": "{}"}


OUTPUT = {"type": "function_call_output", "call_id": "call_1", "output": "3"}


THOUGHT = {"type": "reasoning", "summary": [], "encrypted_content": "x"}


TOOL = {"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}


@pytest.mark.parametrize(
    ("changes", "param"),
    [
        ({"messages": [ASKED]}, "messages"),
        ({"max_output_tokens": 15}, "max_output_tokens"),
        ({"input": []}, "input"),
        ({"input": [{**ASKED, "name": "Ana"}]}, "input[0]"),
        ({"input": [{"role": "tool", "content": "3"}]}, "input[0]"),
        ({"input": [{"role": "user", "content": [{"type": "text"}]}]}, "input[0].content"),
        ({"input": [ITEM]}, "input"),
        ({"input": [OUTPUT]}, "input[0]"),
        ({"input": [{**ITEM, "call_id": "x" * 65}, OUTPUT]}, "input[0].call_id"),
        ({"input": [THOUGHT, ASKED]}, "input[0]"),
        ({"tools": [TOOL]}, "tools[0].function.name"),
        ({"tool_choice": "none"}, "tool_choice"),
    ],
)
async def test_responses_are_checked(
    http: ClientSession, changes: dict[str, Any], param: str
) -> None:
    """What OpenAI's server would refuse in the Responses API is refused here."""
    body = {"model": "tiny", "stream": True, "input": [ASKED], **changes}
    async with http.post("responses", json=body) as response:
        assert response.status == 400
        assert (await response.json())["error"]["param"] == param


async def test_a_response_in_order(server: ModelServer, http: ClientSession) -> None:
    """Calls with their outputs, and reasoning before them, are accepted."""
    server.enqueue("Fine")
    items = [ASKED, THOUGHT, ITEM, OUTPUT]
    body = {"model": "tiny", "stream": True, "input": items}
    async with http.post("responses", json=body) as response:
        assert response.status == 200
        names = [
            line.removeprefix("event: ")
            for line in (await response.text()).splitlines()
            if line.startswith("event: ")
        ]
    assert names == [
        "response.created",
        "response.in_progress",
        "response.output_item.added",
        "response.output_text.delta",
        "response.output_item.done",
        "response.completed",
    ]
