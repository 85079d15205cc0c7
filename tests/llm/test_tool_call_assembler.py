"""Pieces of tool calls become calls that a server takes back."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slackbot.conversation.deltas import ToolCallDelta
from slackbot.conversation.history import ToolCall
from slackbot.llm import tool_calls
from slackbot.llm.tool_call_assembler import MAX_CALLS_RECEIVED, ToolCallAssembler
from slackbot.llm.tool_calls import (
    ARGUMENTS_TOO_LONG,
    MAX_ARGUMENTS_CHARACTERS,
    MAX_CALLS_PER_ROUND,
)

pieces = st.builds(
    ToolCallDelta,
    st.integers(0, 30),
    st.text(max_size=50),
    st.text(max_size=80),
    st.text(max_size=9),
)


def assembled(*pieces: ToolCallDelta) -> tuple[ToolCall, ...]:
    assembler = ToolCallAssembler()
    for piece in pieces:
        assembler.add(piece)
    return assembler.assemble(())[0]


def test_pieces_are_joined_by_index() -> None:
    """Id and name count once, arguments are strung together, the index gives the order."""
    assert assembled(
        ToolCallDelta(1, "b", "subtract", '{"a"'),
        ToolCallDelta(0, "a", "add"),
        ToolCallDelta(1, arguments=": 1}"),
        ToolCallDelta(0, arguments=""),
    ) == (ToolCall("a", "add", "{}"), ToolCall("b", "subtract", '{"a": 1}'))


@given(st.lists(pieces), st.sets(st.text(max_size=9), max_size=3))
def test_calls_can_be_sent_back(said: list[ToolCallDelta], taken: set[str]) -> None:
    """Whatever a model writes, a strict server takes its calls back, and each can be answered."""
    assembler = ToolCallAssembler()
    for piece in said:
        assembler.add(piece)
    known, results = assembler.assemble(taken)
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


def test_calls_that_nobody_counted() -> None:
    """A server that gives all calls the same index is understood by their names and ids; pieces
    without a name go on, whatever their id is.
    """
    assert assembled(
        ToolCallDelta(0, "one", "add", '{"a":'),
        ToolCallDelta(0, "", "", "1"),
        ToolCallDelta(0, "another id", "", "}"),
        ToolCallDelta(0, "two", "sink", "{}"),
    ) == (ToolCall("one", "add", '{"a":1}'), ToolCall("two", "sink", "{}"))


def test_calls_without_ids() -> None:
    """Another name begins another call, and so does the same one once a call is whole; a name that
    is repeated with each piece does not.
    """
    assert [
        (call.name, call.arguments)
        for call in assembled(
            ToolCallDelta(0, "", "add", '{"a":'),
            ToolCallDelta(0, "", "add", " 1}"),
            ToolCallDelta(0, "", "add", '{"a": 2}'),
            ToolCallDelta(0, "", "sink"),
            ToolCallDelta(0, "", "who_am_i", "{}"),
        )
    ] == [("add", '{"a": 1}'), ("add", '{"a": 2}'), ("sink", "{}"), ("who_am_i", "{}")]


@pytest.mark.parametrize(
    ("pieces", "arguments"),
    [
        (['{"a":', " 1}", '{"a": 1}'], '{"a": 1}'),
        (['{"a": 1}', '{"a": 1}'], '{"a": 1}'),
        (["{}", "{}"], "{}"),
        (['{"a', '{"a": 1', '{"a": 1}'], '{"a": 1}'),
        (['{"a": ', "{}", "}"], '{"a": {}}'),
    ],
)
def test_arguments_that_are_repeated(pieces: list[str], arguments: str) -> None:
    """A server may send them as a whole in the end, or again with each piece."""
    call = assembled(*(ToolCallDelta(0, "1", "add", piece) for piece in pieces))
    assert call == (ToolCall("1", "add", arguments),)


@pytest.mark.parametrize("pieces", [['{"a": ', "{}"], ['{"a": {', '"b": ', '{"c": 1}']])
def test_arguments_that_were_cut_off(pieces: list[str]) -> None:
    """An object within them is not taken for them."""
    assembler = ToolCallAssembler()
    for piece in pieces:
        assembler.add(ToolCallDelta(0, "1", "add", piece))
    assert assembler.assemble(())[1] == {"1": tool_calls.INVALID_ARGUMENTS}


def test_calls_that_go_on_later() -> None:
    """A piece with the id of an earlier call belongs to it, and begins no other."""
    one, two = '{"a": 1}', '{"a": 2}'
    assert assembled(
        ToolCallDelta(0, "one", "add", one),
        ToolCallDelta(0, "two", "add", two),
        ToolCallDelta(0, "one", "add", one),
        ToolCallDelta(0, "two", "add", two),
    ) == (ToolCall("one", "add", one), ToolCall("two", "add", two))


def test_more_calls_than_are_run() -> None:
    """Those above the limit have their results already."""
    assembler = ToolCallAssembler()
    for index in range(tool_calls.MAX_CALLS_PER_ROUND + 2):
        assembler.add(ToolCallDelta(index, f"call_{index}", "add", "{}"))
    _, results = assembler.assemble(())
    assert results == dict.fromkeys(("call_16", "call_17"), tool_calls.TOO_MANY_CALLS)


def test_a_name_is_as_long_as_servers_take_it() -> None:
    """A tool's name has up to 64 characters; of a longer one the beginning is sent back.

    https://platform.openai.com/docs/api-reference/chat/create
    """
    names = ["a" * 64, "b" * 65]
    known = assembled(*(ToolCallDelta(n, str(n), name) for n, name in enumerate(names)))
    assert [call.name for call in known] == ["a" * 64, "b" * 64]


def test_names_that_servers_do_not_take() -> None:
    """Each character that a name may not have becomes an underscore, and no name is empty."""
    known = assembled(ToolCallDelta(0, "1", "read file"), ToolCallDelta(1, "2", ""))
    assert [call.name for call in known] == ["read_file", "unnamed"]


def test_ids_that_servers_do_not_take() -> None:
    """An ID of up to 40 characters stays; a longer one is replaced by one that is short."""
    ids = [
        call.id for call in assembled(*(ToolCallDelta(n, "x" * (40 + n), "add") for n in (0, 1)))
    ]
    assert ids[0] == "x" * 40
    assert ids[1] != "x" * 41


def test_a_call_without_arguments_is_run() -> None:
    """Nothing, or nothing but blanks, stands for no arguments."""
    assembler = ToolCallAssembler()
    assert not assembler
    assembler.add(ToolCallDelta(0, "1", "now", " \n"))
    assert assembler
    assert assembler.assemble(()) == ((ToolCall("1", "now", "{}"),), {})


def test_half_a_character_in_arguments_is_refused() -> None:
    """Half of a surrogate pair can't be passed on, though JSON may spell it."""
    assembler = ToolCallAssembler()
    assembler.add(ToolCallDelta(0, "1", "add", '{"a": "\\ud83d"}'))
    calls, results = assembler.assemble(())
    assert (calls, results) == ((ToolCall("1", "add", "{}"),), {"1": tool_calls.INVALID_ARGUMENTS})


@pytest.mark.parametrize(
    "arguments",
    [
        '{"to": "ana", "to": "everybody"}',
        '{"to": "ana", "\\u0074o": "everybody"}',
        '{"mail": [{"to": 1, "to": 2}]}',
        '{"sum": 1e400}',
        '{"sum": -1e400}',
        '{"sum": NaN}',
        '{"sum": Infinity}',
        '{"sum": ' + "9" * 5_000 + "}",
    ],
)
def test_arguments_that_mean_different_things(arguments: str) -> None:
    """What one reader of JSON takes otherwise than another is not run, as a person might approve
    something else than the tool gets.
    """
    assembler = ToolCallAssembler()
    assembler.add(ToolCallDelta(0, "1", "add", arguments))
    calls, results = assembler.assemble(())
    assert (calls, results) == ((ToolCall("1", "add", "{}"),), {"1": tool_calls.INVALID_ARGUMENTS})


def test_arguments_in_very_many_pieces() -> None:
    """The time for long arguments grows with their length, however many pieces they come in."""
    assembler = ToolCallAssembler()
    assembler.add(ToolCallDelta(0, "call_1", "write", '{"text": "'))
    for _ in range(MAX_ARGUMENTS_CHARACTERS // 5 - 10):
        assembler.add(ToolCallDelta(0, arguments="word "))
    assembler.add(ToolCallDelta(0, arguments='"}'))
    ((call,), refused) = assembler.assemble(())
    assert (len(call.arguments), refused) == (MAX_ARGUMENTS_CHARACTERS - 38, {})


def test_arguments_without_an_end() -> None:
    """The model need not write on, the call is not run, and the model is told why."""
    assembler = ToolCallAssembler()
    assembler.add(ToolCallDelta(0, "call_1", "write", '{"text": "'))
    assert not assembler.is_full
    while not assembler.is_full:
        assembler.add(ToolCallDelta(0, arguments="word " * 1_000))
    calls, refused = assembler.assemble(())
    assert calls == (ToolCall("call_1", "write", "{}"),)
    assert refused == {"call_1": ARGUMENTS_TOO_LONG}


def test_calls_without_an_end() -> None:
    """The first are run, the model is told of some more, and the others are forgotten."""
    assembler = ToolCallAssembler()
    for number in range(MAX_CALLS_RECEIVED + 1):
        assert not assembler.is_full
        assembler.add(ToolCallDelta(number, f"call_{number}", "add", "{}"))
    assert assembler.is_full
    calls, refused = assembler.assemble(())
    assert len(calls) == MAX_CALLS_RECEIVED
    assert len(refused) == MAX_CALLS_RECEIVED - MAX_CALLS_PER_ROUND
