"""What a streamed chat completion says, over real HTTP."""

import pytest

from slackbot.conversation.deltas import (
    FinishDelta,
    RefusalDelta,
    TextDelta,
    TokenUsage,
    ToolCallDelta,
    UsageDelta,
)
from slackbot.conversation.history import Answer
from slackbot.errors import BrokenAnswerError, ModelError
from slackbot.llm.openai.model import OpenAIModel
from slackbot.llm.tool_call_assembler import ToolCallAssembler
from slackbot.playground.fake_openai.odd_scripts import (
    as_messages,
    as_texts,
    calls_whole,
    fails_in_choice,
    finishes_early,
    in_parts,
    reasons,
)
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
from tests.llm.openai.prompts import PROMPT, WITH_TOOLS


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
        ("STOP", "stop"),
        ("end_turn", "stop"),
        ("tool_use", "stop"),
        ("MAX_TOKENS", "length"),
        ("model_length", "length"),
        ("SAFETY", "content_filter"),
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


@pytest.mark.parametrize(
    "reason", ["error", "insufficient_system_resource", "MALFORMED_FUNCTION_CALL", "abort"]
)
async def test_broken_endings(server: ModelServer, model: OpenAIModel, reason: str) -> None:
    """A reason that says that the server failed breaks the answer off."""
    server.enqueue(says("So far").ending(reason))
    with pytest.raises(BrokenAnswerError, match="reported a problem"):
        await drafted(model, PROMPT)


async def test_an_error_next_to_a_choice(server: ModelServer, model: OpenAIModel) -> None:
    """An error in a choice breaks the answer off, and says what it is about."""
    server.enqueue(fails_in_choice("So far", "Provider disconnected"))
    with pytest.raises(BrokenAnswerError, match="reported a problem"):
        await drafted(model, PROMPT)
    server.enqueue(
        Script(({"choice": {"error": {"message": "Blocked by our safety system"}}},), finish="")
    )
    with pytest.raises(ModelError, match="does not allow"):
        await drafted(model, PROMPT)


@pytest.mark.parametrize("finish", ["stop", "length"])
async def test_an_early_end(server: ModelServer, model: OpenAIModel, finish: str) -> None:
    """What comes after the reason is part of the answer, and the reason counts."""
    server.enqueue(finishes_early("One two three", finish=finish))
    draft = await drafted(model, PROMPT)
    assert (draft.text, draft.finish_reason) == ("One two three", finish)


@pytest.mark.parametrize(
    "script",
    [
        in_parts("Hello you", thought="A greeting"),
        as_messages(says("Hello you")),
        as_messages(in_parts("Hello you", thought="A greeting")),
        as_texts("Hello you"),
        says("Hello you").unstreamed(),
        in_parts("Hello you", thought="A greeting").unstreamed(),
        reasons("A greeting").then(says("Hello you")),
        reasons("A greeting", "reasoning").then(says("Hello you")),
        reasons("A greeting", "thinking").then(says("Hello you")).unstreamed(),
    ],
)
async def test_other_forms_of_a_text(
    server: ModelServer, model: OpenAIModel, script: Script
) -> None:
    """The text is read wherever a server puts it, and no thought is part of it."""
    server.enqueue(script)
    draft = await drafted(model, PROMPT)
    assert (draft.text, draft.finish_reason) == ("Hello you", "stop")


async def test_odd_parts(server: ModelServer, model: OpenAIModel) -> None:
    """Parts that are no text yield nothing; a string among them does, and so does a refusal."""
    parts = [
        "Hello",
        {"type": "reference", "reference_ids": [1], "text": "no"},
        {"type": "text", "text": None},
        {"text": " you"},
        {"type": "refusal", "refusal": "I won't."},
        5,
    ]
    server.enqueue(Script(({"content": parts}, {"content": {"text": "no"}})).counted(1, 1))
    draft = await drafted(model, PROMPT)
    assert draft.answer == Answer("Hello you", refusal="I won't.")


@pytest.mark.parametrize(
    "script", [reasons("Hm"), in_parts("", thought="Hm"), reasons("Hm").unstreamed()]
)
async def test_nothing_but_thoughts(
    server: ModelServer, model: OpenAIModel, script: Script
) -> None:
    """A model that only thought has said nothing."""
    server.enqueue(script)
    draft = await drafted(model, PROMPT)
    assert (draft.finish_reason, draft.answer) == ("stop", None)


@pytest.mark.parametrize("streams", [True, False])
async def test_calls_without_numbers(
    server: ModelServer, model: OpenAIModel, *, streams: bool
) -> None:
    """Calls without index and id, with an object for arguments, are told apart."""
    script = calls_whole(
        {"function": {"name": "add", "arguments": {"a": 1}}},
        {"function": {"name": "add", "arguments": {"a": 2}}},
        {"function": {"name": "sink"}},
    )
    if not streams:
        together = [call for delta in script.deltas for call in delta["tool_calls"]]
        script = Script(({"tool_calls": together},)).unstreamed()
    server.enqueue(script)
    assembler = ToolCallAssembler()
    async for delta in model.stream(WITH_TOOLS):
        if isinstance(delta, ToolCallDelta):
            assembler.add(delta)
    known, results = assembler.assemble(())
    assert [(call.name, call.arguments) for call in known] == [
        ("add", '{"a": 1}'),
        ("add", '{"a": 2}'),
        ("sink", "{}"),
    ]
    assert not results
    assert len({call.id for call in known}) == 3
