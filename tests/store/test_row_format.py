"""The rows of the database: what was written is read, and nothing else is."""

import json
from dataclasses import replace
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slackbot.conversation.addressing import Answering
from slackbot.conversation.attachment import Attachment
from slackbot.conversation.controls import Button, Press
from slackbot.conversation.history import (
    Answer,
    AudioRef,
    Conversation,
    ToolCall,
    ToolRound,
    Turn,
    UserMessage,
)
from slackbot.conversation.ids import ChannelId, TeamId, Ts, UserId
from slackbot.conversation.inbox_events import (
    ButtonPressed,
    InboxEvent,
    MessageDeleted,
    MessageEdited,
    MessageReceived,
    StopRequested,
    StoredEvent,
)
from slackbot.conversation.messages import Message, QueuedMessage, ThreadKey
from slackbot.conversation.post_intent import PostIntent, StreamBeginning
from slackbot.conversation.token_rate import (
    DEFAULT_TOKENS_PER_BYTE,
    MAX_TOKENS_PER_BYTE,
    MIN_TOKENS_PER_BYTE,
)
from slackbot.instructions.revisions import Revision
from slackbot.instructions.settings import Extra, ScopeSettings
from slackbot.store import keys
from slackbot.store.row_format import (
    EMPTY,
    EVENT,
    EVENT_COUNT,
    HEADER,
    MESSAGE_INDEX,
    QUEUED_MESSAGE,
    RATING_COUNT,
    REGENERATION,
    REVISION,
    REVISION_INDEX,
    TURN,
    VERSION,
    Header,
    MessageIndex,
    Regeneration,
    RowFormat,
    UnreadableRowError,
    read_event,
)

FORMATS = (
    EVENT,
    EVENT_COUNT,
    HEADER,
    MESSAGE_INDEX,
    QUEUED_MESSAGE,
    RATING_COUNT,
    REVISION,
    REVISION_INDEX,
    TURN,
)

THREAD = ThreadKey(TeamId("T1"), ChannelId("C1"), Ts("1700000000.000100"))
MESSAGE = Message(THREAD, Ts("1700000005.000000"), UserId("U1"), "hello")

texts = st.text(st.characters())
files = st.lists(
    st.builds(Attachment, texts, texts, texts, st.none() | st.integers(0), texts), max_size=2
).map(tuple)
calls = st.builds(ToolCall, texts, texts, texts)
sounds = st.builds(AudioRef, texts, st.integers())
turns = st.builds(
    Turn,
    st.lists(st.builds(UserMessage, texts, texts, texts, texts, files, st.booleans(), texts)).map(
        tuple
    ),
    st.none()
    | st.builds(Answer, texts, st.sampled_from(["stop", "broken"]), texts, st.none() | sounds),
    st.lists(texts).map(tuple),
    st.dictionaries(texts, st.sampled_from(["good", "bad"])),
    st.lists(
        st.builds(
            ToolRound, texts, st.lists(calls).map(tuple), st.dictionaries(texts.map(UserId), texts)
        )
    ).map(tuple),
)


@given(turns)
def test_a_turn_is_read_as_it_was_written(turn: Turn) -> None:
    """Any text survives, half surrogate pairs and control characters included."""
    assert TURN.read("key", TURN.encode(turn)) == turn


messages = st.builds(
    Message,
    st.just(THREAD),
    st.just(MESSAGE.ts),
    texts,
    texts,
    st.booleans(),
    st.sampled_from(["person", "app", "bot", "me"]),
    files,
    st.just("1700000006.5"),
)
slugs = st.text("ABC0123456789.", min_size=1)
presses = st.builds(
    Press, st.just(THREAD), slugs, slugs, st.sampled_from(get_args(Button)), texts, slugs
)
events: st.SearchStrategy[InboxEvent] = st.one_of(
    st.builds(MessageReceived, messages),
    st.builds(MessageEdited, messages, messages),
    st.builds(MessageDeleted, st.just(THREAD), slugs, st.none() | messages),
    st.builds(ButtonPressed, presses),
    st.builds(StopRequested, st.just(THREAD), slugs, slugs),
)


@given(events, st.integers(0, 10**14))
def test_an_event_is_read_as_it_was_written(event: InboxEvent, number: int) -> None:
    """Whatever kind it is of, with its number from the key."""
    key = keys.event_key(number, event)
    assert read_event(key, EVENT.encode(event)) == StoredEvent(number, event)


beginnings = st.builds(StreamBeginning, texts, st.lists(texts).map(tuple))
intents = st.builds(PostIntent, texts, st.integers(0), texts, st.none() | beginnings)


@given(
    user=texts,
    markup=texts,
    place=st.lists(texts.map(Ts)).map(tuple),
    withdrawn=st.booleans(),
    posting=st.none() | intents,
)
def test_an_open_message_is_read_as_it_was_written(
    *, user: str, markup: str, place: tuple[Ts, ...], withdrawn: bool, posting: PostIntent | None
) -> None:
    """The message comes back whole, with the place of its reply and the post that is to come."""
    message = Message(THREAD, MESSAGE.ts, UserId(user), markup)
    waiting = QueuedMessage(message, place, withdrawn, posting)
    key = keys.open_key(waiting.message)
    assert QUEUED_MESSAGE.read(key, QUEUED_MESSAGE.encode(waiting)) == waiting


@given(st.none() | intents)
def test_a_regeneration_is_read_as_it_was_written(posting: PostIntent | None) -> None:
    """With the post that is to come; before there were such, its row was empty."""
    assert REGENERATION.read("key", REGENERATION.encode(Regeneration(posting))).posting == posting
    assert REGENERATION.read("key", EMPTY) == Regeneration()


@given(
    st.dictionaries(texts.map(UserId), texts),
    st.integers(0, 9),
    st.floats(MIN_TOKENS_PER_BYTE, MAX_TOKENS_PER_BYTE),
    st.integers(0),
)
def test_a_header_is_read_as_it_was_written(
    names: dict[UserId, str], start: int, tokens_per_byte: float, newest: int
) -> None:
    """All of a conversation but its turns comes back, with their number and the time."""
    header = Header(start + 1, newest, start, names, tokens_per_byte)
    assert HEADER.read("key", HEADER.encode(header)) == header
    assert header.conversation == Conversation((), start, names, tokens_per_byte)


def test_a_learned_rate_that_can_not_be_is_not_read() -> None:
    """A thread whose rate was learned from an absurd report is as one that has learned nothing."""
    header = Header(1, 1, 0, {}, tokens_per_byte=3_750.0)
    row = HEADER.read("key", HEADER.encode(header))
    assert row.conversation.tokens_per_byte == DEFAULT_TOKENS_PER_BYTE


@given(texts, st.none() | st.integers(0))
def test_a_claim_is_read_as_it_was_written(thread: str, turn: int | None) -> None:
    """A claim knows its message's thread, and its turn."""
    claim = MessageIndex(Ts(thread), turn)
    assert MESSAGE_INDEX.read("key", MESSAGE_INDEX.encode(claim)) == claim


setups = st.builds(
    ScopeSettings,
    st.none() | texts,
    st.none() | texts,
    st.none() | st.sampled_from(get_args(Answering)),
    st.none() | st.tuples(texts, texts),
    st.none() | st.tuples(st.sampled_from(get_args(Extra))),
)


@given(texts, setups, st.none() | st.integers(0), st.integers(1), st.integers(0))
def test_an_edition_is_read_as_it_was_written(
    user: str, setup: ScopeSettings, restores: int | None, number: int, at: int
) -> None:
    """Whatever stands in it, or that nothing does."""
    revision = Revision(number, at, UserId(user), setup, restores, Ts("1.0"))
    key = f"instructions/T1/-/-/{number:08d}"
    assert REVISION.read(key, REVISION.encode(revision)) == revision


def test_the_order_of_keys_is_the_order_of_turns() -> None:
    """Turn 9 comes before turn 10, also as text."""
    names = [keys.turn_key(THREAD, number) for number in (0, 1, 9, 10, 99, 100, 12345)]
    assert names == sorted(names)


@given(st.binary())
def test_noise_is_refused(value: bytes) -> None:
    """No sequence of bytes raises anything but the one error."""
    with pytest.raises(UnreadableRowError):
        TURN.read("key", value)


HEADER_DATA = {
    "v": 5,
    "newest": 1,
    "length": 2,
    "start": 1,
    "names": {"U1": "Ann"},
    "tokens_per_byte": 0.25,
}
TURN_DATA = {
    "v": 5,
    "messages": [{"name": "Ann", "text": "hello", "ts": "1.0", "user": "U1"}],
    "answer": None,
    "reply_ts": ["2.0"],
    "feedback": {"U1": "good"},
    "tool_rounds": [
        {
            "text": "",
            "calls": [{"id": "call_1", "name": "add", "arguments": "{}"}],
            "results": {"call_1": "3"},
        }
    ],
}


@pytest.mark.parametrize(
    "change",
    [
        {"v": 0},
        {"v": "3"},
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
        {"newest": -1},
        {"newest": 1.5},
        {"newest": "yesterday"},
    ],
)
def test_a_header_that_does_not_fit_is_refused(change: dict[str, Any]) -> None:
    """A header that could not have been written here is not taken for one."""
    with pytest.raises(UnreadableRowError):
        HEADER.read("key", json.dumps({**HEADER_DATA, **change}).encode())


@pytest.mark.parametrize(
    "change",
    [
        {"messages": None},
        {"messages": {"name": "Ann"}},
        {"messages": [{"name": "Ann"}]},
        {"messages": [{"name": "Ann", "text": None}]},
        {"answer": {"text": 7}},
        {"answer": {"text": "x", "colour": "red"}},
        {"reply_ts": None},
        {"reply_ts": [7]},
        {"feedback": {"U1": "fine"}},
        {"feedback": ["U1"]},
        {"feedback": {"U1": None}},
        {"reply_ts": "2.0"},
        {"answer": {"text": "half \ud83d", "refusal": 7}},
        {"answer": {"text": "half \ud83d", "spoken": {"id": "1", "expires": "7"}}},
        {"answer": {"text": "x", "spoken": {"id": "1", "expires": 7.0}}},
        {"messages": [{"name": "half \ud83d", "text": "", "for_bot": 1}]},
        {"tool_rounds": None},
        {"tool_rounds": [{"text": "", "calls": [], "results": {"call_1": 3}}]},
        {"tool_rounds": [{"text": "", "calls": [{"id": "call_1"}], "results": {}}]},
        {"tool_rounds": [{"text": None, "calls": [], "results": {}}]},
    ],
)
def test_a_turn_that_does_not_fit_is_refused(change: dict[str, Any]) -> None:
    """A turn that could not have been written here is not taken for one."""
    with pytest.raises(UnreadableRowError):
        TURN.read("key", json.dumps({**TURN_DATA, **change}).encode())


def test_a_message_under_another_ones_key_is_refused() -> None:
    """The key and the message that stands there have the same identity."""
    value = QUEUED_MESSAGE.encode(QueuedMessage(MESSAGE))
    with pytest.raises(UnreadableRowError):
        QUEUED_MESSAGE.read("open/T1/C1/1700000000.000100/1700000006.000000", value)


@pytest.mark.parametrize("value", [b"[" * 100_000, b"[]", b"7", b"null", b'{"v":5}'])
@pytest.mark.parametrize("row", FORMATS)
def test_other_json_is_refused(row: RowFormat[Any], value: bytes) -> None:
    """JSON that is no row, however deep, is refused like noise."""
    with pytest.raises(UnreadableRowError):
        row.read("key", value)


@pytest.mark.parametrize("version", [0, 1, VERSION - 1, VERSION + 1, "5", None])
def test_another_layouts_version_is_refused(version: object) -> None:
    """A row that says it has another layout is not taken for one of this."""
    row = {**json.loads(TURN.encode(Turn(()))), "v": version}
    with pytest.raises(UnreadableRowError):
        TURN.read("key", json.dumps(row).encode())


def test_a_revision_under_another_number_is_refused() -> None:
    """Its number is part of its key; and one without settings says nothing."""
    revision = Revision(1, 7, UserId("U1"))
    assert REVISION.read("instructions/T1/-/-/00000001", REVISION.encode(revision)) == revision
    with pytest.raises(UnreadableRowError):
        REVISION.read("instructions/T1/-/-/00000002", REVISION.encode(revision))
    unreadable = REVISION.encode(replace(revision, settings=None))
    with pytest.raises(UnreadableRowError):
        REVISION.read("instructions/T1/-/-/00000001", unreadable)


def test_an_error_names_the_row_and_not_its_content() -> None:
    """What people wrote does not get into the log by way of an error."""
    with pytest.raises(UnreadableRowError) as refused:
        TURN.read("turn/T1/C1/1/00000007", b'{"v":5,"messages":"a secret"}')
    assert "turn/T1/C1/1/00000007" in str(refused.value)
    assert "secret" not in str(refused.value)
