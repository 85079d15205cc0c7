"""Reads an answer of Slack's Web API: a JSON object with `ok`, and with the fields of its method.

https://docs.slack.dev/apis/web-api/#responses

A proxy, a load balancer or a login page may answer instead, and Slack itself limits some calls in
plain text. slack-sdk takes texts, lists and nothing at all for answers, so it reads none here.
"""

import json
import logging
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp

from slackbot.errors import ForeignAnswerError, RateLimitedError

logger = logging.getLogger(__name__)

MAX_ANSWER_BYTES = 32 * 1024 * 1024
"""Two hundred messages of a thread, Slack's longest answer, have room many times over."""

CHUNK_BYTES = 64 * 1024

SHOWN_CHARS = 80
"""Of an answer that is not Slack's, in the log at DEBUG."""

DEFAULT_RETRY_AFTER_SECONDS = 30.0
"""For a rate limit that does not say how long it lasts."""

MIN_RETRY_AFTER_SECONDS = 1.0

MAX_RETRY_AFTER_SECONDS = 300.0
"""A limit that claims to last longer is tried again after this time."""

FIELDS: Mapping[str, Mapping[str, type]] = {
    "apps.connections.open": {"url": str},
    "auth.test": {"user": str, "user_id": str},
    "chat.appendStream": {"ts": str},
    "chat.delete": {"ts": str},
    "chat.postMessage": {"ts": str},
    "chat.startStream": {"ts": str},
    "chat.stopStream": {"ts": str},
    "chat.update": {"ts": str},
    "conversations.history": {"messages": list},
    "conversations.info": {"channel": dict},
    "conversations.members": {"members": list},
    "conversations.replies": {"messages": list},
    "files.completeUploadExternal": {"files": list},
    "files.getUploadURLExternal": {"file_id": str, "upload_url": str},
    "files.info": {"file": dict},
    "usergroups.list": {"usergroups": list},
    "users.info": {"user": dict},
    "views.open": {"view": dict},
    "views.publish": {"view": dict},
    "views.update": {"view": dict},
}
"""What a successful call of each method returns, as its page shows, such as
https://docs.slack.dev/reference/methods/chat.postMessage. An answer without it is not Slack's.
"""


async def read_answer(method: str, response: aiohttp.ClientResponse) -> dict[str, Any]:
    """Returns Slack's answer, which may be a refusal.

    Raises RateLimitedError for HTTP 429, whatever its body is, and ForeignAnswerError.
    """
    if response.status == 429:  # noqa: PLR2004
        raise RateLimitedError(method, retry_after_seconds(response.headers))
    what = f"HTTP {response.status}, {response.content_type:.40}"
    body, answer = b"", None
    with suppress(aiohttp.ClientPayloadError, ValueError, RecursionError):
        body = await read_body(response)
        answer = json.loads(body)
    if not isinstance(answer, dict) or not isinstance(answer.get("ok"), bool):
        _log_beginning(method, body)
        raise ForeignAnswerError(method, what)
    if missing := _missing(method, answer):
        raise ForeignAnswerError(method, f"{what}, without {', '.join(missing)}")
    return answer


async def read_body(response: aiohttp.ClientResponse) -> bytes:
    """Returns the whole body. Raises ValueError if it is longer than MAX_ANSWER_BYTES, and
    aiohttp.ClientPayloadError if it is broken.
    """
    body = bytearray()
    async for chunk in response.content.iter_chunked(CHUNK_BYTES):
        body += chunk
        if len(body) > MAX_ANSWER_BYTES:
            raise ValueError("the answer has no end")
    return bytes(body)


def retry_after_seconds(headers: Mapping[str, str]) -> float:
    """Returns how long to wait, from MIN_RETRY_AFTER_SECONDS to MAX_RETRY_AFTER_SECONDS.

    Slack says it in seconds, a proxy maybe as a date:
    https://www.rfc-editor.org/rfc/rfc9110#field.retry-after
    """
    said = headers.get("Retry-After", "")
    try:
        seconds = float(said)
    except ValueError:
        seconds = _seconds_until(said, headers.get("Date", ""))
    if seconds != seconds:  # noqa: PLR0124 - "nan" is a number for float()
        return DEFAULT_RETRY_AFTER_SECONDS
    return min(max(seconds, MIN_RETRY_AFTER_SECONDS), MAX_RETRY_AFTER_SECONDS)


def http_date(text: str) -> datetime | None:
    """Returns what a header says, with its time zone; None if that is no date."""
    try:
        parsed = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return parsed if parsed.tzinfo is not None else parsed.replace(tzinfo=UTC)


def _seconds_until(date: str, now: str) -> float:
    """By the clock of the server, if it says what time it is there."""
    until = http_date(date)
    if until is None:
        return DEFAULT_RETRY_AFTER_SECONDS
    return (until - (http_date(now) or datetime.now(UTC))).total_seconds()


def _missing(method: str, answer: Mapping[str, Any]) -> Iterable[str]:
    """The fields that a successful answer lacks."""
    if not answer["ok"]:
        return []
    needed = FIELDS.get(method, {})
    return [name for name, kind in needed.items() if not isinstance(answer.get(name), kind)]


def _log_beginning(method: str, body: bytes) -> None:
    """Not of broken JSON: it may be half an answer of Slack's, with the address of a socket."""
    if not body.lstrip().startswith(b"{"):
        logger.debug("%s was answered with %r", method, body[:SHOWN_CHARS])
