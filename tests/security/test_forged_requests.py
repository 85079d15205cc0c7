"""Requests that Slack has not signed: they are refused before anything in them is parsed."""

import gzip
import json
import logging
from collections.abc import AsyncIterator

import pytest

from slackbot.slack import texts
from slackbot.slack.http_events import MAX_BODY_BYTES
from slackbot.slack.http_server import events, health, listening
from tests.harness import BotHarness
from tests.security.bolt import bolt_app
from tests.security.wire import (
    HEALTH,
    Wire,
    looks_signed,
    over_http,
    request,
    signed,
    status,
)

SECRET = "shh"

JSON = "Content-Type: application/json"
FORM = "Content-Type: application/x-www-form-urlencoded"

DEEP = b'{"event": ' + b"[" * 100_000

BODIES = [
    b"",
    b"{",
    b"null",
    b"\xff\xfe",
    DEEP,
    b"payload=" + DEEP,
    b"payload=%ff",
    b"a=b&" * 9_999,
]

NOW = looks_signed()["X-Slack-Request-Timestamp"]
SIGNATURE = looks_signed()["X-Slack-Signature"]

TIMESTAMPS = [
    *("", " ", "x", "0", "-1", "1700000000", "9" * 5_000, "NaN", "inf", "1e9", f"{NOW}.0"),
    *(f"+{NOW}", f"{NOW}_0", f"0x{NOW}", f"{NOW}, {NOW}", str(int(NOW) + 100_000)),
    *(NOW.translate({digit: digit + 0x660 - 48 for digit in range(48, 58)}), "\u00b2"),
]

SIGNATURES = [
    *("", "v0=", "v0", "v1=" + "0" * 64, "v0=\u00e9" + "0" * 63, SIGNATURE.upper(), "0" * 64),
    *(
        SIGNATURE[:-1],
        SIGNATURE + "0",
        SIGNATURE + "\u00e9",
        "v0=" + "\u0660" * 64,
        "v0=" + "g" * 64,
    ),
]


@pytest.fixture
async def port() -> AsyncIterator[int]:
    async with listening(0, health(), events(bolt_app(), SECRET)) as port:
        yield port


def whole_lines(caplog: pytest.LogCaptureFixture) -> set[str]:
    """The lines of the log, which have no tracebacks."""
    assert not [each for each in caplog.records if each.exc_info]
    return {each.getMessage() for each in caplog.records if each.levelno >= logging.INFO}


@pytest.mark.parametrize("kind", [JSON, FORM, "Content-Type: text/plain", "X-None: 1"])
async def test_bodies_that_nobody_signed(
    port: int, caplog: pytest.LogCaptureFixture, kind: str
) -> None:
    """Whatever a body is, without Slack's signature it is answered 401, with the same one line."""
    for body in BODIES:
        assert await status(port, request(body, looks_signed(), kind)) == 401
    assert whole_lines(caplog) == {f"A request was refused: {texts.SIGNED_BY_ANOTHER}"}


@pytest.mark.parametrize("name", ["X-Slack-Request-Timestamp", "X-Slack-Signature"])
async def test_headers_that_slack_does_not_send(
    port: int, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    """A header with anything else than Slack's form is refused before the body has arrived."""
    values = TIMESTAMPS if name == "X-Slack-Request-Timestamp" else SIGNATURES
    for value in values:
        head = request(b"x" * 1_000, {**looks_signed(), name: value}, JSON)[:-1_000]
        assert await status(port, head) == 401, value
    assert whole_lines(caplog) <= {
        f"A request was refused: {texts.UNSIGNED}",
        f"A request was refused: {texts.SIGNED_AT_ANOTHER_TIME}",
    }


async def test_headers_that_are_missing_or_twice(port: int) -> None:
    """Each header has to be there once: of two, a proxy may have looked at the other."""
    for name, value in signed(SECRET, b"{}").items():
        headers = signed(SECRET, b"{}")
        assert await status(port, request(b"{}", headers, f"{name}: {value}")) == 401
        del headers[name]
        assert await status(port, request(b"{}", headers)) == 401


async def test_a_signature_counts_for_its_bytes_alone(port: int) -> None:
    """Neither another body nor another time can be put under a signature."""
    body = b'{"type": "url_verification", "challenge": "c"}'
    headers = signed(SECRET, body)
    assert await status(port, request(body, headers, JSON)) == 200
    assert await status(port, request(body + b" ", headers, JSON)) == 401
    later = str(int(headers["X-Slack-Request-Timestamp"]) + 1)
    moved = {**headers, "X-Slack-Request-Timestamp": later}
    assert await status(port, request(body, moved, JSON)) == 401
    padded = {**headers, "X-Slack-Request-Timestamp": "0" + headers["X-Slack-Request-Timestamp"]}
    assert await status(port, request(body, padded, JSON)) == 401
    other = signed("another", body)
    assert await status(port, request(body, other, JSON)) == 401


async def test_signed_bodies_that_are_odd(port: int, caplog: pytest.LogCaptureFixture) -> None:
    """What is signed and still no payload is an error of one line, never one of ours."""
    for body in BODIES:
        for kind in (JSON, FORM, f"{JSON}; charset=nonsense", "Content-Type: multipart/form-data"):
            assert await status(port, request(body, signed(SECRET, body), kind)) in {200, 400}
    whole_lines(caplog)


async def test_only_what_is_signed_counts(harness: BotHarness) -> None:
    """A signed body says the same under other headers, which nobody has signed: a charset, in which
    its bytes mean something else, or a header that has a meaning for Bolt.
    """
    harness.model.answer = lambda _: "Aye."
    async with over_http(harness) as service:
        delivery = (await harness.mention("hello +ACI-"),)
        await harness.finished(*delivery)
        original = next(
            each for each in harness.workspace.deliveries if each.event.get("type") == "app_mention"
        )
        payload = json.loads(json.dumps(original.payload))
        payload["event"]["ts"] = payload["event"]["event_ts"] = harness.workspace.ids.ts()
        body = json.dumps(payload).encode()
        sign = signed(harness.workspace.signing_secret, body)
        odd = request(body, sign, f"{JSON}; charset=utf-7", "X-Slack-Bolt-Lazy-Only: 1")
        assert await status(service.port, odd) == 200
        await harness.workspace.until(lambda: len(harness.model.requests) == 2)
    assert "+ACI-" in str(harness.model.requests[1]["messages"])


async def test_compressed_bodies(port: int) -> None:
    """A body is signed as it is sent, and never unpacked: a bomb stays a kilobyte."""
    bomb = gzip.compress(b"0" * 10_000_000)
    for encoding in ("gzip", "deflate", "br", "zstd", "gzip, gzip"):
        odd = request(bomb, looks_signed(), JSON, f"Content-Encoding: {encoding}")
        assert await status(port, odd) == 401
        odd = request(bomb, signed(SECRET, bomb), JSON, f"Content-Encoding: {encoding}")
        assert await status(port, odd) == 400


async def test_bodies_that_are_too_long(port: int) -> None:
    """A length beyond all of Slack's payloads is refused before the body has arrived."""
    head = request(b"", looks_signed()).replace(b"th: 0", b"th: %d" % (MAX_BODY_BYTES + 1))
    assert await status(port, head) == 413


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (b"GET /slack/events HTTP/1.1\r\nHost: a\r\n\r\n", 405),
        (b"PUT /slack/events HTTP/1.1\r\nHost: a\r\nContent-Length: 9999\r\n\r\n", 405),
        (b"BREW /slack/events HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        (b"POST /slack/events/../../etc/passwd HTTP/1.1\r\nHost: a\r\n\r\n", 404),
        (b"POST //slack/events HTTP/1.1\r\nHost: a\r\n\r\n", 404),
        (request(b"", looks_signed(), "Expect: 100-continue, nonsense"), 417),
        (request(b"", {}, "Expect: 200-ok"), 417),
        (request(b"", {}, "Content-Length: 5"), 400),
        (request(b"", {}, "Transfer-Encoding: chunked"), 400),
        (request(b"", {}, "X: " + "x" * 100_000), 400),
        (request(b"", {}, *(f"X-{number}: x" for number in range(10_000))), 400),
        (b"GET /" + b"x" * 100_000 + b" HTTP/1.1\r\n\r\n", 400),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" * 10 + b"\r\n\r\n", 400),
        (b"GET / HTTP/9.9\r\nHost: a\r\n\r\n", 400),
    ],
)
async def test_odd_http(
    port: int, caplog: pytest.LogCaptureFixture, sent: bytes, expected: int
) -> None:
    """What is no HTTP, or not what is served here, is an error of one short line at most."""
    assert await status(port, sent) == expected
    assert whole_lines(caplog) <= {"A request that is no HTTP was refused"}
    assert await status(port, HEALTH) == 200


async def test_what_is_told_to_strangers(port: int) -> None:
    """No answer says which software runs here, in which version, or where it failed."""
    for sent in (HEALTH, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", b"no HTTP\r\n\r\n"):
        async with Wire.open(port) as wire:
            await wire.send(sent)
            answer = (await wire.ended()).lower()
        assert b"server: slackbot\r\n" in answer
        assert not any(word in answer for word in (b"aiohttp", b"python", b"traceback", b"file"))


async def test_a_real_event_after_all_that(harness: BotHarness) -> None:
    """Refused requests change nothing for those that are Slack's."""
    harness.model.answer = lambda _: "Aye."
    async with over_http(harness) as service:
        for body in BODIES:
            assert await status(service.port, request(body, looks_signed(), JSON)) == 401
        await harness.answered(await harness.mention("hello"), "Aye.")
