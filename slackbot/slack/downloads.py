"""One download from Slack's hosts, with the bot's token, within a number of bytes and seconds.

https://docs.slack.dev/reference/objects/file-object#authenticating

Every limit is kept while the content is read, whatever the answer says about itself.
"""

import asyncio

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient
from yarl import URL

from slackbot.attachments.mimetypes import CANVAS_TYPE, EMAIL_TYPE
from slackbot.conversation.attachment import MAX_FILE_BYTES, Attachment
from slackbot.errors import AttachmentError
from slackbot.slack import texts
from slackbot.slack.api_calls import NETWORK_ERRORS, retrying
from slackbot.slack.client import TRANSFER_TIMEOUT
from slackbot.slack.login_page import HTML_TYPES, is_login_page

CHUNK_BYTES = 64 * 1024

DOWNLOAD_SECONDS = 60.0
"""All attempts together, however slowly the content arrives."""

MAYBE_HTML_TYPES = (*HTML_TYPES, CANVAS_TYPE, EMAIL_TYPE)
"""The kinds of files that Slack hands out as HTML. For any other, HTML is its login page."""


class Downloads:
    """`client` has the bot's token. No redirect is followed with it."""

    def __init__(self, client: AsyncWebClient, max_seconds: float = DOWNLOAD_SECONDS) -> None:
        self._client = client
        self._max_seconds = max_seconds

    async def fetch(
        self, url: URL, attachment: Attachment, max_bytes: int = MAX_FILE_BYTES
    ) -> bytes:
        """The content, after unpacking what the server has packed. Raises AttachmentError."""
        if max_bytes <= 0:
            raise file_error(texts.FILE_TOO_LARGE, attachment, "no room left")
        try:
            async with asyncio.timeout(self._max_seconds):
                return await retrying(NETWORK_ERRORS, self._read, url, attachment, max_bytes)
        except NETWORK_ERRORS as err:
            raise file_error(texts.FILE_UNREACHABLE, attachment, type(err).__name__) from err

    async def _read(self, url: URL, attachment: Attachment, max_bytes: int) -> bytes:
        session = self._client.session
        assert session is not None  # noqa: S101 - web_client() gives it one
        headers = {
            "Authorization": f"Bearer {self._client.token}",
            "Accept-Encoding": "identity",  # a little that unpacks to a lot only takes time
        }
        async with session.get(
            url, headers=headers, allow_redirects=False, timeout=TRANSFER_TIMEOUT
        ) as response:
            _check_status(response, attachment)
            is_html = response.content_type in HTML_TYPES
            if is_html and attachment.mimetype not in MAYBE_HTML_TYPES:
                raise file_error(texts.FILE_DENIED, attachment, "a login page")
            if (response.content_length or 0) > max_bytes:
                raise file_error(texts.FILE_TOO_LARGE, attachment, "too large")
            content = bytearray()
            async for chunk in response.content.iter_chunked(CHUNK_BYTES):
                content += chunk
                if len(content) > max_bytes:
                    raise file_error(texts.FILE_TOO_LARGE, attachment, "larger than it said")
        if is_html and len(content) != attachment.size and is_login_page(bytes(content)):
            raise file_error(texts.FILE_DENIED, attachment, "a login page")
        if not content:
            raise file_error(texts.FILE_EMPTY, attachment, "empty")
        return bytes(content)


def file_error(sentence: str, attachment: Attachment, reason: str) -> AttachmentError:
    """The error whose sentence names the file; `reason` is for the log."""
    name = attachment.display_name or texts.UNNAMED_FILE
    return AttachmentError(sentence.format(name=name, megabytes=MAX_FILE_BYTES // 10**6), reason)


def _check_status(response: aiohttp.ClientResponse, attachment: Attachment) -> None:
    """Raises AttachmentError, or ClientResponseError for what may pass."""
    if 300 <= response.status < 400:  # noqa: PLR2004 - to a login page, or to another host
        raise file_error(texts.FILE_DENIED, attachment, "redirected")
    if response.status in {401, 403}:
        raise file_error(texts.FILE_DENIED, attachment, f"http_{response.status}")
    if response.status in {404, 410}:
        raise file_error(texts.FILE_GONE, attachment, f"http_{response.status}")
    response.raise_for_status()
