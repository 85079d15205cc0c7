"""The rules of a round of tools: gathering calls from pieces, and cutting results."""

import json

from hypothesis import given
from hypothesis import strategies as st

from slackbot.conversation.deltas import ToolCallDelta
from slackbot.conversation.history import ToolCall
from slackbot.llm import tool_calls
from slackbot.llm.tool_calls import ToolCallAssembler, ToolDefinition

pieces = st.builds(
    ToolCallDelta,
    st.integers(0, 30),
    st.text(max_size=50),
    st.text(max_size=80),
    st.text(max_size=9),
)


def gathered(*pieces: ToolCallDelta) -> tuple[ToolCall, ...]:
    calls = ToolCallAssembler()
    for piece in pieces:
        calls.add(piece)
    return calls.gathered(())[0]


def test_pieces_are_joined_by_index() -> None:
    """Id and name count once, arguments are strung together, the index gives the order."""
    assert gathered(
        ToolCallDelta(1, "b", "subtract", '{"a"'),
        ToolCallDelta(0, "a", "add"),
        ToolCallDelta(1, arguments=": 1}"),
        ToolCallDelta(0, arguments=""),
    ) == (ToolCall("a", "add", "{}"), ToolCall("b", "subtract", '{"a": 1}'))


@given(st.lists(pieces), st.sets(st.text(max_size=9), max_size=3))
def test_calls_can_be_sent_back(said: list[ToolCallDelta], taken: set[str]) -> None:
    """Whatever a model writes, a strict server takes its calls back, and each can be answered."""
    calls = ToolCallAssembler()
    for piece in said:
        calls.add(piece)
    known, results = calls.gathered(taken)
    assert len({piece.index for piece in said}) <= len(known) <= len(said)
    ids = [call.id for call in known]
    assert len({*ids}) == len(ids)
    assert not {*ids} & taken
    assert results.keys() <= {*ids}
    for call in known:
        assert 0 < len(call.id) <= 40
        assert 0 < len(call.name) <= 64
        assert call.name.isascii()
        assert isinstance(json.loads(call.arguments), dict)


@given(st.text(), st.integers(1, 3))
def test_short_results_stay(text: str, often: int) -> None:
    """No result is longer than the stated size; one that is not stays as it is."""
    assert tool_calls.shortened(text) == text
    long = (text or "a") * (tool_calls.LONGEST_RESULT * often)
    cut = tool_calls.shortened(long)
    assert len(cut) <= tool_calls.LONGEST_RESULT
    assert cut == long or cut.endswith(f"[The rest was cut off: {len(long):,} characters in all.]")


def test_calls_that_nobody_counted() -> None:
    """A server that gives all calls the same index is understood by their names and ids; pieces
    without a name go on, whatever their id is.
    """
    assert gathered(
        ToolCallDelta(0, "one", "add", '{"a":'),
        ToolCallDelta(0, "", "", "1"),
        ToolCallDelta(0, "another id", "", "}"),
        ToolCallDelta(0, "two", "sink", "{}"),
    ) == (ToolCall("one", "add", '{"a":1}'), ToolCall("two", "sink", "{}"))


def test_more_calls_than_are_run() -> None:
    """Those above the limit have their results already."""
    calls = ToolCallAssembler()
    for index in range(tool_calls.MOST_CALLS + 2):
        calls.add(ToolCallDelta(index, f"call_{index}", "add", "{}"))
    _, results = calls.gathered(())
    assert results == dict.fromkeys(("call_16", "call_17"), tool_calls.TOO_MANY)


def test_an_unknown_tool_is_told_of_the_others() -> None:
    """The model is told what there is instead."""
    there = [ToolDefinition("add", "", {}), ToolDefinition("sink", "", {})]
    assert tool_calls.unknown("fly", there) == "Error: there is no tool fly. There are: add, sink."
