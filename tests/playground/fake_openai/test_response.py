import json
from typing import Any

from slackbot.playground.fake_openai.response import ScriptedResponse
from slackbot.playground.fake_openai.script import Script, calls, says

REQUEST = {"model": "any", "input": [{"role": "user", "content": "hello"}]}


def events(script: Script) -> list[dict[str, Any]]:
    """The data of all events of an answer."""
    chunks = b"".join(ScriptedResponse(script, REQUEST).chunks()).decode()
    lines = [line for line in chunks.splitlines() if line.startswith("data: ")]
    return [json.loads(line.removeprefix("data: ")) for line in lines]


def test_a_text() -> None:
    """A text arrives as deltas between the events that open and complete the response."""
    answered = events(says("one two"))
    kinds = [each["type"] for each in answered]
    assert kinds[:2] == ["response.created", "response.in_progress"]
    assert kinds[-1] == "response.completed"
    deltas = [each["delta"] for each in answered if each["type"] == "response.output_text.delta"]
    assert deltas == ["one", " two"]
    assert [each["sequence_number"] for each in answered] == list(range(len(answered)))
    assert answered[-1]["response"]["usage"]["output_tokens"] > 0


def test_a_tool_call() -> None:
    """A tool call is complete in its `done` event."""
    done = [each for each in events(calls("f", "{", "}")) if each["type"].endswith("item.done")]
    (item,) = [each["item"] for each in done]
    assert (item["type"], item["name"], item["arguments"]) == ("function_call", "f", "{}")


def test_an_answer_that_is_cut_off() -> None:
    """An answer that reaches its limit is incomplete and says why; a broken one just ends."""
    last = events(says("one").ending("length"))[-1]
    assert last["type"] == "response.incomplete"
    assert last["response"]["incomplete_details"] == {"reason": "max_output_tokens"}
    assert events(says("one").ending(None))[-1]["type"] == "response.output_text.delta"
