"""The rows of the database: what was written is read, and nothing else is."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slackbot.conversation import Answer, Conversation, Message, Said, ThreadKey, Turn, Unanswered
from slackbot.store import records

THREAD = ThreadKey("T1", "C1", "1700000000.000100")
MESSAGE = Message(THREAD, "1700000005.000000", "U1", "hello")

texts = st.text(st.characters())
turns = st.builds(
    Turn,
    st.lists(st.builds(Said, texts, texts)).map(tuple),
    st.none() | st.builds(Answer, texts, st.sampled_from(["stop", "broken"]), st.booleans()),
)


@given(turns)
def test_a_turn_is_read_as_it_was_written(turn: Turn) -> None:
    """Any text survives, half surrogate pairs and control characters included."""
    assert records.read_turn("key", records.encode(turn.to_json())) == turn


@given(texts, texts, st.lists(texts).map(tuple))
def test_an_open_message_is_read_as_it_was_written(
    user: str, markup: str, place: tuple[str, ...]
) -> None:
    """The message comes back whole, with the place of its reply."""
    waiting = Unanswered(Message(THREAD, MESSAGE.ts, user, markup), place)
    key = records.open_key(waiting.message)
    assert records.read_open(key, records.encode(records.open_data(waiting))) == waiting


@given(st.dictionaries(texts, texts), st.integers(0, 9), st.floats(0.01, 10))
def test_a_header_is_read_as_it_was_written(
    names: dict[str, str], start: int, tokens_per_byte: float
) -> None:
    """All of a conversation but its turns comes back, and how many of those there are."""
    bare = Conversation((), start, names, tokens_per_byte)
    value = records.encode(records.header_data(bare.add(Turn(()))))
    assert records.read_header("key", value) == (bare, start + 1)


def test_the_order_of_keys_is_the_order_of_turns() -> None:
    """Turn 9 comes before turn 10, also as text."""
    keys = [records.turn_key(THREAD, number) for number in (0, 1, 9, 10, 99, 100, 12345)]
    assert keys == sorted(keys)


@given(st.binary())
def test_noise_is_refused(value: bytes) -> None:
    """No sequence of bytes raises anything but the one error."""
    with pytest.raises(records.UnreadableError):
        records.read_turn("key", value)


HEADER = {"v": 1, "length": 2, "start": 1, "names": {"U1": "Ann"}, "tokens_per_byte": 0.25}
TURN = {"v": 1, "said": [{"name": "Ann", "text": "hello"}], "answer": None}


@pytest.mark.parametrize(
    "change",
    [
        {"v": 0},
        {"v": "2"},
        {"v": None},
        {"length": 0},
        {"start": -1},
        {"start": 0.5},
        {"start": "1"},
        {"names": ["U1"]},
        {"names": {"U1": 7}},
        {"tokens_per_byte": 0},
        {"tokens_per_byte": float("nan")},
        {"tokens_per_byte": None},
    ],
)
def test_a_header_that_does_not_fit_is_refused(change: dict[str, Any]) -> None:
    """A header that could not have been written here is not taken for one."""
    with pytest.raises(records.UnreadableError):
        records.read_header("key", json.dumps({**HEADER, **change}).encode())


@pytest.mark.parametrize(
    "change",
    [
        {"said": None},
        {"said": {"name": "Ann"}},
        {"said": [{"name": "Ann"}]},
        {"said": [{"name": "Ann", "text": None}]},
        {"answer": {"text": 7}},
        {"answer": {"text": "x", "colour": "red"}},
    ],
)
def test_a_turn_that_does_not_fit_is_refused(change: dict[str, Any]) -> None:
    """A turn that could not have been written here is not taken for one."""
    with pytest.raises(records.UnreadableError):
        records.read_turn("key", json.dumps({**TURN, **change}).encode())


def test_a_message_under_another_ones_key_is_refused() -> None:
    """The key and the message that stands there have the same identity."""
    value = records.encode(records.open_data(Unanswered(MESSAGE)))
    with pytest.raises(records.UnreadableError):
        records.read_open("open/T1/C1/1700000006.000000", value)


@pytest.mark.parametrize("value", [b"[" * 100_000, b"[]", b"7", b"null", b'{"v":1}'])
def test_other_json_is_refused(value: bytes) -> None:
    """JSON that is no row, however deep, is refused like noise."""
    for read in (records.read_header, records.read_turn, records.read_open):
        with pytest.raises(records.UnreadableError):
            read("key", value)


def test_a_newer_version_is_not_misread() -> None:
    """A value of a later layout is told from a damaged one, whatever else stands in it."""
    with pytest.raises(records.NewerError):
        records.read_turn("key", b'{"v":2,"speech":[]}')


def test_an_error_names_the_row_and_not_its_content() -> None:
    """What people wrote does not get into the log by way of an error."""
    with pytest.raises(records.UnreadableError) as refused:
        records.read_turn("thread/T1/C1/1/turn/00000007", b'{"v":1,"said":"a secret"}')
    assert "thread/T1/C1/1/turn/00000007" in str(refused.value)
    assert "secret" not in str(refused.value)
