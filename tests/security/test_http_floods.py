"""Floods of the bot's port by somebody who can't sign: connections, bytes and time."""

import asyncio
import logging
import resource
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager

import pytest

from slackbot.readiness import Readiness
from slackbot.slack.http_connections import ConnectionLimits
from slackbot.slack.http_events import MAX_BODY_BYTES
from slackbot.slack.http_server import events, health, listening, readiness
from tests.harness import BotHarness
from tests.security.bolt import bolt_app
from tests.security.wire import HEALTH, Wire, looks_signed, over_http, request, signed, status

SECRET = "shh"

JSON = "Content-Type: application/json"

FEW = ConnectionLimits(connections=8, seconds=600.0)
MANY = ConnectionLimits(connections=10_000, seconds=600.0)
HASTY = ConnectionLimits(seconds=0.05)
SMALL = ConnectionLimits(bytes=256 * 1024, seconds=600.0)


@asynccontextmanager
async def serving(limits: ConnectionLimits) -> AsyncIterator[int]:
    async with listening(0, health(), events(bolt_app(), SECRET), limits=limits) as port:
        yield port


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"GET /healthz HTTP/1.1\r\nHost: a\r\nX-Half", id="half a header"),
        pytest.param(request(b"", looks_signed(), "Expect: 100-continue")[:-2], id="no end"),
        pytest.param(request(b"x" * 500, looks_signed())[:-400], id="half a body"),
    ],
)
async def test_half_open_connections(sent: bytes) -> None:
    """A connection that never sends its whole request is closed when its time is over."""
    async with serving(HASTY) as port, Wire.open(port) as wire:
        await wire.send(sent)
        assert b"HTTP/1.1 200" not in await wire.ended()


@pytest.mark.parametrize("head", [b"", request(b"x" * 10**6, looks_signed())[: -(10**6)]])
async def test_dripping_bytes(head: bytes) -> None:
    """A byte now and then keeps no connection open: neither in the headers nor in the body."""
    async with serving(HASTY) as port, Wire.open(port) as wire:
        await wire.send(head or b"GET / HTTP/1.1\r\n")
        ending = asyncio.create_task(wire.ended())
        while not ending.done():
            try:
                await wire.send(b"x")
            except ConnectionError:
                break
            await asyncio.sleep(0)
        assert b"HTTP/1.1 200" not in await ending


async def test_no_second_request() -> None:
    """A connection serves one request and is closed: none is held between requests."""
    async with serving(FEW) as port, Wire.open(port) as wire:
        await wire.send(HEALTH + HEALTH)
        answer = await wire.ended()
        assert answer.count(b"HTTP/1.1 200") == 1
        assert b"Connection: close" in answer


async def test_more_connections_than_there_may_be() -> None:
    """Those that wait longest are closed, a health check is answered, and so is a late request."""
    async with serving(FEW) as port, AsyncExitStack() as stack:
        wires = [await stack.enter_async_context(Wire.open(port)) for _ in range(40)]
        assert await status(port, HEALTH) == 200
        for wire in wires[:30]:
            assert await wire.ended() == b""
        assert await wires[-1].status(HEALTH) == 200


async def test_more_connections_than_files() -> None:
    """The bot keeps files for itself: strangers get at most half of what it may open."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    async with AsyncExitStack() as stack:
        resource.setrlimit(resource.RLIMIT_NOFILE, (128, before[1]))
        try:
            port = await stack.enter_async_context(serving(MANY))
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, before)
        wires = [await stack.enter_async_context(Wire.open(port)) for _ in range(100)]
        for wire in wires[: 100 - 128 // 2]:
            assert await wire.ended() == b""
        assert await wires[-1].status(HEALTH) == 200


async def test_more_bytes_than_there_may_be() -> None:
    """Bodies that are not verified have a bounded amount of memory, all together."""
    async with serving(SMALL) as port, AsyncExitStack() as stack:
        wires = [await stack.enter_async_context(Wire.open(port)) for _ in range(8)]
        half = request(b"x" * MAX_BODY_BYTES, looks_signed())[: 100 * 1024]
        for wire in wires:
            await wire.send(half)
        for wire in wires[:5]:
            await wire.ended()
        assert await status(port, HEALTH) == 200


async def test_bodies_without_end() -> None:
    """A chunked body that is longer than Slack's ever are is refused, and its connection closed."""
    async with serving(FEW) as port, Wire.open(port) as wire:
        head = request(b"", looks_signed(), "Transfer-Encoding: chunked")
        await wire.send(head.replace(b"Content-Length: 0\r\n", b""))
        ending = asyncio.create_task(wire.ended())
        while not ending.done():
            try:
                await wire.send(b"10000\r\n" + b"x" * 0x10000 + b"\r\n")
            except ConnectionError:
                break
        assert b"HTTP/1.1 200" not in await ending


async def test_a_thousand_connections_and_an_event(
    harness: BotHarness, caplog: pytest.LogCaptureFixture
) -> None:
    """While strangers hold all connections, the bot answers people and health checks."""
    harness.model.answer = lambda _: "Aye."
    async with over_http(harness) as service, AsyncExitStack() as stack:
        for _ in range(1_000):
            await stack.enter_async_context(Wire.open(service.port))
        flooding = asyncio.create_task(_connect_on(service.port or 0))
        await harness.answered(await harness.mention("hello"), "Aye.")
        assert await status(service.port, HEALTH) == 200
        assert not flooding.done()
        flooding.cancel()
        await asyncio.gather(flooding, return_exceptions=True)
    assert not [each for each in caplog.records if each.exc_info]


async def _connect_on(port: int) -> None:
    """Opens one connection after the other, and keeps the newest fifty."""
    transports = list[asyncio.BaseTransport]()
    connect = asyncio.get_running_loop().create_connection
    try:
        while True:
            made = await connect(asyncio.Protocol, "127.0.0.1", port)
            transports.append(made[0])
            if len(transports) > 50:
                transports.pop(0).close()
    finally:
        for transport in transports:
            transport.close()


async def test_megabyte_forms_and_an_event(
    harness: BotHarness, caplog: pytest.LogCaptureFixture
) -> None:
    """While unsigned forms of a megabyte arrive without a pause, a real event is answered."""
    harness.model.answer = lambda _: "Aye."
    form = b"payload=" + b"%7B" * 340_000
    async with over_http(harness) as service:

        async def post_on() -> None:
            while True:
                assert await status(service.port, request(form, looks_signed())) == 401

        flooding = [asyncio.create_task(post_on()) for _ in range(20)]
        await harness.answered(await harness.mention("hello"), "Aye.")
        assert not any(each.done() for each in flooding)
        for each in flooding:
            each.cancel()
        await asyncio.gather(*flooding, return_exceptions=True)
    assert not [each for each in caplog.records if each.exc_info]


async def test_the_end_waits_for_no_stranger(harness: BotHarness) -> None:
    """A request that never ends does not hold up the bot when it is to stop."""
    async with AsyncExitStack() as stack:
        async with asyncio.timeout(30.0), over_http(harness) as service:
            wire = await stack.enter_async_context(Wire.open(service.port))
            await wire.send(request(b"x" * 500, looks_signed())[:-400])
            assert await status(service.port, HEALTH) == 200
        await wire.ended()


async def test_a_flood_of_readiness_checks() -> None:
    """However often strangers ask, the database is asked once in a while."""
    looks, parts = 0, Readiness()

    async def look() -> str:
        nonlocal looks
        looks += 1
        return ""

    parts.add("database", look, max_age_seconds=3_600.0)
    async with listening(0, readiness(parts.problems)) as port:
        ready = HEALTH.replace(b"healthz", b"readyz")
        answers = await asyncio.gather(*(status(port, ready) for _ in range(100)))
    assert (set(answers), looks) == ({200}, 1)


async def test_a_client_that_leaves(caplog: pytest.LogCaptureFixture) -> None:
    """Somebody who leaves in the middle of a request leaves no traceback in the log."""
    caplog.set_level(logging.WARNING)
    async with serving(FEW) as port:
        for sent in (b"", b"GET /", request(b"x" * 500, looks_signed())[:-400]):
            async with Wire.open(port) as wire:
                await wire.send(sent)
                assert await status(port, HEALTH) == 200
        assert await status(port, HEALTH) == 200
    assert not caplog.records


def chunked(body: bytes, size: int, headers: Mapping[str, str]) -> bytes:
    """A request whose body comes in chunks of so many bytes."""
    head = request(b"", headers, "Transfer-Encoding: chunked", JSON)
    pieces = [body[start : start + size] for start in range(0, len(body), size)]
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(each), each) for each in pieces)
    return head.replace(b"Content-Length: 0\r\n", b"") + chunks


async def test_a_body_in_tiny_chunks(caplog: pytest.LogCaptureFixture) -> None:
    """A body of one-byte chunks costs a thousand times the work of its bytes: it is refused before
    it is read, and a body in chunks as a proxy makes them is read.
    """
    body = b'{"type": "url_verification", "challenge": "c", "more": "%b"}' % (b"x" * 2**20)
    async with listening(0, events(bolt_app(), SECRET)) as port:
        assert await status(port, chunked(body, 1, looks_signed())[:200_000]) == 400
        whole = chunked(body, 4096, signed(SECRET, body)) + b"0\r\n\r\n"
        assert await status(port, whole) == 200
    assert "A request that is no HTTP was refused" in caplog.text
