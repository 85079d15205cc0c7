"""What a streamed chat completion says, over real HTTP."""

import pytest

from slackbot.conversation.deltas import (
    FinishDelta,
    RefusalDelta,
    TextDelta,
    TokenUsage,
    UsageDelta,
)
from slackbot.conversation.history import Answer
from slackbot.llm.openai.model import OpenAIModel
from slackbot.playground.fake_openai.script import (
    DeltaJson,
    Script,
    calls,
    calls_function,
    declines,
    says,
)
from slackbot.playground.fake_openai.server import ModelServer
from tests.llm.openai.answers import drafted
from tests.llm.openai.prompts import PROMPT


async def test_text_arrives_piece_by_piece(server: ModelServer, model: OpenAIModel) -> None:
    """What the model says comes as text, then how it ended, then what the server counted."""
    server.enqueue(says("One two").counted(prompt=12, completion=3))
    assert [delta async for delta in model.stream(PROMPT)] == [
        TextDelta("One"),
        TextDelta(" two"),
        FinishDelta(),
        UsageDelta(TokenUsage(prompt=12, completion=3)),
    ]


async def test_refusal(server: ModelServer, model: OpenAIModel) -> None:
    """The model's refusal arrives as one."""
    server.enqueue(declines("I won't."))
    draft = await drafted(model, PROMPT)
    assert draft.answer == Answer("", refusal="I won't.")


@pytest.mark.parametrize(
    ("finish", "ending"),
    [
        ("stop", "stop"),
        ("length", "length"),
        ("content_filter", "content_filter"),
        ("tool_calls", "stop"),
        ("function_call", "stop"),
        ("eos", "stop"),
    ],
)
async def test_endings(server: ModelServer, model: OpenAIModel, finish: str, ending: str) -> None:
    """Every finish reason ends the answer; those that mean nothing to us count as `stop`."""
    server.enqueue(says("So far").ending(finish))
    assert (await drafted(model, PROMPT)).finish_reason == ending


@pytest.mark.parametrize(
    "script", [says(""), calls("look_up", '{"word": ', '"a"}'), calls_function("look_up", "{}")]
)
async def test_nothing_said(server: ModelServer, model: OpenAIModel, script: Script) -> None:
    """An answer without text ends like any other, and has no text."""
    server.enqueue(script)
    draft = await drafted(model, PROMPT)
    assert (draft.finish_reason, draft.answer) == ("stop", None)


async def test_odd_deltas(server: ModelServer, model: OpenAIModel) -> None:
    """Fields that are missing, null or empty yield nothing; several at once yield one each."""
    empty: tuple[DeltaJson, ...] = ({}, {"content": None}, {"content": ""}, {"unheard_of": 1})
    server.enqueue(Script((*empty, {"content": "a", "refusal": "b"})))
    deltas = [delta async for delta in model.stream(PROMPT)]
    assert deltas[:3] == [TextDelta("a"), RefusalDelta("b"), FinishDelta()]
