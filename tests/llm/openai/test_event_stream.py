"""The events of a streamed response, however its bytes are cut."""

from typing import Any

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from slackbot.errors import ModelError
from slackbot.llm.openai.event_stream import MAX_EVENT_BYTES, EventParser, UnreadableEventError
from tests.llm.openai.conftest import Connect, Serve
from tests.llm.openai.prompts import PROMPT

LINE_ENDS = st.sampled_from(["\n", "\r\n", "\r"])
DATA = st.lists(st.text(st.characters(exclude_characters="\r\n", codec="utf-8")), min_size=1)
NOISE = st.sampled_from([": keep-alive", "event: delta", "id: 7", "retry: 10", "unknown", "dat"])


@given(st.lists(DATA, max_size=5), NOISE, LINE_ENDS, st.data())
def test_any_cut(events: list[list[str]], noise: str, end: str, data: st.DataObject) -> None:
    """The events are found with each of the three line ends, wherever the bytes are cut, and
    nothing is taken from other lines.
    """
    lines = [
        line
        for event in events
        for line in (noise, *(f"data: {each}" for each in event), "", noise, "")
    ]
    stream = "".join(f"{line}{end}" for line in lines).encode()
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=10)))
    parser = EventParser()
    found: list[bytes] = []
    for start, stop in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        found += parser.feed(stream[start:stop])
    assert [event.decode() for event in found] == ["\n".join(event) for event in events]


@pytest.mark.parametrize("stream", [b"data:1\n\n", b"data: 1\n\n"])
def test_space(stream: bytes) -> None:
    """The space before the data may be missing."""
    assert list(EventParser().feed(stream)) == [b"1"]


def test_byte_order_mark() -> None:
    """Some servers send a byte order mark before the first event: it is not part of it."""
    assert list(EventParser().feed(b"\xef\xbb\xbfdata: 1\n\n")) == [b"1"]


def test_empty_piece() -> None:
    """An empty piece between CR and LF does not make two line ends of them."""
    parser = EventParser()
    pieces = [b"data: 1\r", b"", b"\ndata: 2\r\n\r\n"]
    assert [event for piece in pieces for event in parser.feed(piece)] == [b"1\n2"]


def test_unfinished_event() -> None:
    """An event that the stream does not finish is none."""
    assert list(EventParser().feed(b"data: 1\n")) == []


def test_long_event() -> None:
    """The time for a long event grows with its length, though it arrives in small pieces."""
    parser = EventParser()
    assert list(parser.feed(b"data: ")) == []
    for _ in range(100_000):
        assert list(parser.feed(b"a" * 100)) == []
    assert [len(event) for event in parser.feed(b"\n\n")] == [10_000_000]


@pytest.mark.parametrize("piece", [b"x", b"data: x\n", b"data: x\r"])
def test_an_event_without_an_end(piece: bytes) -> None:
    """An event that would fill the memory is a fault of the server; many events are not."""
    parser, mebibyte = EventParser(), piece * (2**20 // len(piece))
    for _ in range(MAX_EVENT_BYTES // len(mebibyte)):
        assert list(parser.feed(mebibyte)) == []
    with pytest.raises(UnreadableEventError):
        list(parser.feed(mebibyte))
    parser = EventParser()
    for _ in range(MAX_EVENT_BYTES // 2**20 + 1):
        assert len(list(parser.feed(b"data: " + b"x" * 2**20 + b"\n\n"))) == 1


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"[" * 10_000, "something that is not an answer"),
        (b'{"created": ' + b"9" * 5_000 + b"}", "something that is not an answer"),
        (b'{"choices": "\xff"}', "something that is not an answer"),
        (b'{"error": "Overloaded"}', "reported a problem"),
        (b'{"type": "response.failed", "response": {"error": "Overloaded"}}', "reported a problem"),
    ],
)
async def test_hostile_data(serve: Serve, connect: Connect, data: bytes, sentence: str) -> None:
    """Data that can't be read, or that reports a failure in an unusual shape, is a failure of the
    server, and not one of ours.
    """

    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b"data: " + data + b"\n\n")
        return response

    model = connect(await serve(answer), "responses")
    with pytest.raises(ModelError, match=sentence):
        assert not [delta async for delta in model.stream(PROMPT)]


async def test_connection_is_used_again(serve: Serve, connect: Connect) -> None:
    """The next answer comes over the same connection, so it begins sooner."""
    connections: list[Any] = []

    async def answer(request: web.Request) -> web.StreamResponse:
        connections.append(request.transport)
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b'data: {"choices": [{"finish_reason": "stop"}]}\n\n')
        await response.write(b"data: [DONE]\n\n")
        await response.write_eof()
        return response

    model = connect(await serve(answer))
    for _ in range(2):
        assert [delta async for delta in model.stream(PROMPT)]
    assert connections[0] is connections[1]
