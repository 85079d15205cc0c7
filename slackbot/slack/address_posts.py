"""Posts to an address that Slack named: the content of a file, or the answer to a command.

https://docs.slack.dev/messaging/working-with-files#upload
https://docs.slack.dev/interactivity/handling-user-interaction#message_responses
"""

import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from yarl import URL

from slackbot.errors import ForeignAnswerError, RateLimitedError
from slackbot.slack.answers import read_body, retry_after_seconds
from slackbot.slack.api_calls import NETWORK_ERRORS, passing, retrying, unreachable
from slackbot.slack.client import TRANSFER_TIMEOUT, WebClient

RESPONSE_URL = "response_url"
"""Stands for a method in errors and in the log."""


class ResponseUrls:
    def __init__(self, client: WebClient) -> None:
        self._client = client

    async def respond(self, url: str, text: str) -> None:
        """Shows a text, in Slack's markup, to the person who gave a command.

        It is sent again after a failure that passes: only this person sees it, and twice is better
        than never. Raises SlackError.
        """
        response = {"text": text}
        await retrying(
            passing, lambda: post(self._client, RESPONSE_URL, url, _says_ok, json=response)
        )


async def upload(client: WebClient, url: URL, content: bytes) -> None:
    """Sends the content of a file. Raises as `post` does."""
    await post(client, "upload", url, _is_plain, data=content, timeout=TRANSFER_TIMEOUT)


async def post(
    client: WebClient, name: str, url: URL | str, is_slacks: Callable[[bytes], bool], **content: Any
) -> None:
    """Posts `content`, as aiohttp takes it, without a token: the address is the permission.

    `is_slacks` recognises Slack's answer. Raises RateLimitedError or UnreachableError for anything
    else, with `name` as the method. Slack may have got the content all the same, unless the client
    may make no call any more.
    """
    client.require_right(name)
    session = client.session
    assert session is not None  # noqa: S101 - web_client() gives it one
    try:
        async with session.post(url, allow_redirects=False, **content) as response:
            if response.status == 429:  # noqa: PLR2004
                raise RateLimitedError(name, retry_after_seconds(response.headers))
            body = await read_body(response)
    except (*NETWORK_ERRORS, ValueError) as err:
        raise unreachable(name, err) from err
    if response.status != 200 or not is_slacks(body):  # noqa: PLR2004
        raise ForeignAnswerError(name, f"HTTP {response.status}, {response.content_type:.40}")


def _says_ok(body: bytes) -> bool:
    """`ok` or `{"ok":true}`."""
    if body.strip().lower() == b"ok":
        return True
    with suppress(ValueError, RecursionError):
        answer = json.loads(body)
        return isinstance(answer, dict) and answer.get("ok") is True
    return False


def _is_plain(body: bytes) -> bool:
    """A line such as `OK - 1024`, and no page, no JSON and not nothing."""
    return bool(body) and not body.lstrip().startswith((b"<", b"{", b"["))
