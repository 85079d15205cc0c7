"""Answers to commands, at the address that came with them; test_file_uploads.py has uploads."""

from collections.abc import AsyncIterator

import pytest

from slackbot.errors import SlackError
from slackbot.playground.fake_slack.faults import Fault
from slackbot.slack.address_posts import RESPONSE_URL, ResponseUrls
from slackbot.slack.client import web_client
from tests.harness import BotHarness


@pytest.fixture
async def response_urls(harness: BotHarness) -> AsyncIterator[ResponseUrls]:
    async with web_client(harness.workspace.url, harness.workspace.bot_token) as client:
        yield ResponseUrls(client)


@pytest.mark.parametrize(
    ("body", "is_slacks"),
    [
        (b"ok", True),
        (b'{"ok": true}', True),
        (b'{"ok":true,"more":1}', True),
        (b"", False),
        (b"<html>ok</html>", False),
        (b'{"ok": false, "error": "expired_url"}', False),
        (b"[]", False),
        (b"\xff\xfe", False),
    ],
)
async def test_what_slack_answers(
    harness: BotHarness, response_urls: ResponseUrls, body: bytes, *, is_slacks: bool
) -> None:
    """Anything but an `ok` is tried again, a few times."""
    fault = Fault.foreign(200, body, "text/plain")
    harness.workspace.faults.add(RESPONSE_URL, fault, times=4)
    url = harness.workspace.url.replace("/api/", "/response/1")
    if is_slacks:
        await response_urls.respond(url, "An answer")
    else:
        with pytest.raises(SlackError):
            await response_urls.respond(url, "An answer")
    assert harness.workspace.faults.pending == (3 if is_slacks else 0)


@pytest.mark.parametrize("url", ["", "nonsense", "http://127.0.0.1:9/x", "ftp://a", "http://["])
async def test_no_address(response_urls: ResponseUrls, url: str) -> None:
    """Where there is nobody, the failure is one of Slack's, whatever the address says."""
    with pytest.raises(SlackError):
        await response_urls.respond(url, "An answer")
