"""What counts as Slack's answer, and what as something that a proxy sent."""

import gzip
import json
import logging
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slackbot.errors import ForeignAnswerError, RateLimitedError
from slackbot.playground.fake_slack.faults import Fault
from slackbot.slack.answers import (
    DEFAULT_RETRY_AFTER_SECONDS,
    FIELDS,
    MAX_RETRY_AFTER_SECONDS,
    MIN_RETRY_AFTER_SECONDS,
    retry_after_seconds,
)
from slackbot.slack.api_calls import call
from slackbot.slack.client import WebClient, web_client
from tests.harness import BotHarness

WHOLE = json.dumps({"ok": True, "team": "T", "team_id": "T1", "user": "u", "user_id": "U1"})
PAGE = b"<!DOCTYPE html><html><title>Sign in</title></html>"
NOW = datetime(2026, 11, 28, 8, 0, tzinfo=UTC)
ZIPPED = {"Content-Encoding": "gzip"}


@pytest.fixture
async def client(harness: BotHarness) -> AsyncIterator[WebClient]:
    async with web_client(harness.workspace.url, harness.workspace.bot_token) as client:
        yield client


@pytest.mark.parametrize(
    "fault",
    [
        Fault.foreign(200, b"", "text/plain"),
        Fault.foreign(200, b"", "application/json"),
        Fault.foreign(200, PAGE, "text/html"),
        Fault.foreign(200, PAGE, "application/json"),
        Fault.foreign(200, b"\x1f\x8b", "application/gzip"),
        Fault.foreign(200, b"[]", "application/json"),
        Fault.foreign(200, b'[{"ok": true}]', "application/json"),
        Fault.foreign(200, b'"ok"', "application/json"),
        Fault.foreign(200, b"null", "application/json"),
        Fault.foreign(200, b"{}", "application/json"),
        Fault.foreign(200, b'{"ok": "true"}', "application/json"),
        Fault.foreign(200, b'{"message": "no healthy upstream"}', "application/json"),
        Fault.foreign(200, WHOLE.encode()[:-5], "application/json"),
        Fault.foreign(200, b'{"ok": true}', "application/json"),
        Fault.foreign(200, b'{"ok": true, "user": 3}', "application/json"),
        Fault.foreign(200, b'{"ok": true, "user": "\xff"}', "application/json"),
        Fault.foreign(200, b"[" * 100_000, "application/json"),
        Fault.foreign(200, b"\x1f\x8bbroken", "application/json", ZIPPED),
        Fault.foreign(200, gzip.compress(b" " * 40_000_000), "application/json", ZIPPED),
        Fault.foreign(302, PAGE, "text/html", {"Location": "/api/users.info"}),
        Fault.foreign(403, PAGE, "text/html"),
        Fault.foreign(407, b"", "text/plain"),
        Fault.foreign(502, PAGE, "text/html"),
        Fault.foreign(503, b"upstream connect error", "text/plain"),
        Fault.foreign(504, b"", "text/html"),
    ],
)
async def test_a_foreign_answer(harness: BotHarness, client: WebClient, fault: Fault) -> None:
    """Whatever is not Slack's JSON, or lacks what its method returns, is a failure that passes and
    may have taken effect. The method is open for the next call, and nothing follows a redirect.
    """
    harness.workspace.faults.add("auth.test", fault)
    with pytest.raises(ForeignAnswerError) as raised:
        await call("auth.test", client.auth_test())
    assert raised.value.sent
    assert raised.value.method == "auth.test"
    assert raised.value.code.startswith("HTTP ")
    assert (await call("auth.test", client.auth_test()))["user_id"] == harness.bot.id
    assert [each.method for each in harness.workspace.calls] == ["auth.test"] * 2


@pytest.mark.parametrize(
    "fault",
    [
        Fault.foreign(200, WHOLE.encode(), "text/plain"),
        Fault.foreign(200, WHOLE.encode(), "application/json; charset=utf-7"),
        Fault.foreign(200, WHOLE.encode(), "application/json", {"X-Proxy": "x" * 60_000}),
    ],
)
async def test_slacks_answer_in_an_odd_wrapping(
    harness: BotHarness, client: WebClient, fault: Fault
) -> None:
    """What counts is the JSON: a proxy may change its type, or add a long header."""
    harness.workspace.faults.add("auth.test", fault)
    assert (await call("auth.test", client.auth_test()))["user_id"] == "U1"


@pytest.mark.parametrize("content_type", ["text/plain", "text/html", "application/json"])
async def test_a_limit_in_any_form(
    harness: BotHarness, client: WebClient, content_type: str
) -> None:
    """HTTP 429 is a limit, whatever its body is; later calls of the method wait for its end."""
    headers = {"Retry-After": "7"}
    fault = Fault.foreign(429, b"slow down", content_type, headers)
    harness.workspace.faults.add("users.info", fault)
    with pytest.raises(RateLimitedError) as raised:
        await call("users.info", client.users_info(user=harness.ana.id))
    assert raised.value.retry_after == 7.0
    with pytest.raises(RateLimitedError):
        await call("users.info", client.users_info(user=harness.ana.id), max_wait=1.0)
    assert len(harness.workspace.calls) == 1


async def test_the_log_says_what_came_back(
    harness: BotHarness, client: WebClient, caplog: pytest.LogCaptureFixture
) -> None:
    """A warning names the method, the status and the type, at most once in a while. The beginning
    of the page is there at DEBUG only.
    """
    caplog.set_level(logging.DEBUG)
    harness.workspace.faults.add("auth.test", Fault.foreign(503, PAGE, "text/html"), times=3)
    for _ in range(3):
        with pytest.raises(ForeignAnswerError):
            await call("auth.test", client.auth_test())
    ours = [each for each in caplog.records if each.name.startswith("slackbot.slack")]
    warnings = [each.getMessage() for each in ours if each.levelno > logging.DEBUG]
    assert warnings == ["auth.test failed: HTTP 503, text/html (1 times so far)"]
    details = [each.getMessage() for each in ours if each.levelno == logging.DEBUG]
    assert all("DOCTYPE" in each and len(each) < 200 for each in details)
    assert len(details) == 3
    assert isinstance(client, WebClient)
    assert client.refusals.counts == {("auth.test", "HTTP 503, text/html"): 3}


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("7", 7.0),
        ("1.5", 1.5),
        ("0", MIN_RETRY_AFTER_SECONDS),
        ("-5", MIN_RETRY_AFTER_SECONDS),
        ("86400", MAX_RETRY_AFTER_SECONDS),
        ("inf", MAX_RETRY_AFTER_SECONDS),
        ("nan", DEFAULT_RETRY_AFTER_SECONDS),
        ("", DEFAULT_RETRY_AFTER_SECONDS),
        ("soon", DEFAULT_RETRY_AFTER_SECONDS),
        ("Sat, 28 Nov 99999999999999999999 08:00:00 GMT", DEFAULT_RETRY_AFTER_SECONDS),
        (format_datetime(NOW + timedelta(seconds=20), usegmt=True), 20.0),
        (format_datetime(NOW - timedelta(days=1), usegmt=True), MIN_RETRY_AFTER_SECONDS),
        (format_datetime(NOW + timedelta(days=9), usegmt=True), MAX_RETRY_AFTER_SECONDS),
    ],
)
def test_how_long_to_wait(said: str, seconds: float) -> None:
    """Seconds or a date, by the server's own clock, and never forever."""
    headers = {"Retry-After": said, "Date": format_datetime(NOW, usegmt=True)}
    assert retry_after_seconds(headers) == seconds


@given(said=st.text(), now=st.text())
def test_any_retry_after(said: str, now: str) -> None:
    """Whatever a header says, the wait is a number of seconds within the limits."""
    seconds = retry_after_seconds({"Retry-After": said, "Date": now})
    assert MIN_RETRY_AFTER_SECONDS <= seconds <= MAX_RETRY_AFTER_SECONDS


def test_a_date_without_a_clock() -> None:
    """Where the server does not say what time it is, ours has to do."""
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=100), usegmt=True)
    assert 60 < retry_after_seconds({"Retry-After": date}) <= 100


@pytest.mark.parametrize("method", FIELDS)
async def test_the_fields_of_each_method(
    harness: BotHarness, client: WebClient, method: str
) -> None:
    """A success without the fields that its method returns is none, for every method."""
    harness.workspace.faults.add(method, Fault.foreign(200, b'{"ok": true}', "application/json"))
    with pytest.raises(ForeignAnswerError) as raised:
        await call(method, client.api_call(method, params={}))
    assert all(name in raised.value.code for name in FIELDS[method])
