"""Posts to an address that Slack named: the content of a file, or the answer to a command.

https://docs.slack.dev/messaging/working-with-files#upload
https://docs.slack.dev/interactivity/handling-user-interaction#message_responses
"""

import json
from typing import Any

import aiohttp
from yarl import URL

from slackbot.errors import ForeignAnswerError, RateLimitedError, UnreachableError
from slackbot.slack.answers import read_body, retry_after_seconds
from slackbot.slack.api_calls import passing, retrying
from slackbot.slack.client import WebClient

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
        await retrying(
            passing, lambda: post(self._client, RESPONSE_URL, URL(url), json={"text": text})
        )


async def post(client: WebClient, name: str, url: URL, **content: Any) -> None:
    """Posts `content`, as aiohttp takes it, without a token: the address is the permission.

    Slack answers `ok`, with more text for a file. Raises RateLimitedError or UnreachableError for
    anything else, with `name` as the method. Slack may have got the content all the same.
    """
    session = client.session
    assert session is not None  # noqa: S101 - web_client() gives it one
    try:
        async with session.post(url, allow_redirects=False, **content) as response:
            if response.status == 429:  # noqa: PLR2004
                raise RateLimitedError(name, retry_after_seconds(response.headers))
            body = await read_body(response)
    except aiohttp.ClientConnectorError as err:
        raise UnreachableError(name, sent=False) from err
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as err:
        raise UnreachableError(name, sent=True) from err
    if response.status != 200 or not _says_ok(body):  # noqa: PLR2004
        raise ForeignAnswerError(name, f"HTTP {response.status}, {response.content_type:.40}")


def _says_ok(body: bytes) -> bool:
    if body[:2].lower() == b"ok":
        return True
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return False
    return isinstance(answer, dict) and answer.get("ok") is True
