"""The content of files that people shared, fetched from Slack's own hosts and from nowhere else.

https://docs.slack.dev/reference/objects/file-object#authenticating

Every download carries the bot's token, so it goes to no other host and follows no redirect. Slack
is asked about the file each time, as files get deleted and shared. Content is never written to a
disk.
"""

import re
from collections.abc import Mapping
from functools import partial
from typing import Any

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient
from yarl import URL

from slackbot.attachments.service import FetchedFile
from slackbot.conversation.attachment import MAX_FILE_BYTES, Attachment
from slackbot.conversation.ids import ChannelId
from slackbot.errors import AttachmentError, DeliveryError, SlackError
from slackbot.slack import texts
from slackbot.slack.api_calls import ask, retrying
from slackbot.slack.events import GONE_FILE_MODES, attachment_from

SLACK_HOSTS = re.compile(r"([a-z0-9-]+\.)+(slack|slack-gov)\.com")
"""The hosts that files come from."""

TRANSFER_TIMEOUT = aiohttp.ClientTimeout(total=60.0, sock_connect=5.0, sock_read=15.0)
"""Seconds."""

TRANSFER_ERRORS = (aiohttp.ClientError, TimeoutError, OSError)
"""Failures of the network, which may be gone a moment later."""

CHUNK_BYTES = 64 * 1024

SHARE_LISTS = ("channels", "groups", "ims")
"""The fields of a file with the ids of the channels where it was shared."""

LOGIN_PAGE_TYPES = ("text/html", "application/xhtml+xml")


class SlackFiles:
    """`client` has the bot's token; files may also come from the host of its Web API."""

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client
        self._own = URL(client.base_url).origin()

    async def find(self, channel: ChannelId, attachment: Attachment) -> FetchedFile:
        """A file that was shared in the channel, or forwarded to it. Raises AttachmentError."""
        if attachment.size is not None:
            _check_size(attachment)
        found = await self._look_up(attachment)
        known = attachment.completed(attachment_from(found))
        lists = (found.get(kind) for kind in SHARE_LISTS)
        shared = [each for places in lists if isinstance(places, list) for each in places]
        if found.get("mode") in GONE_FILE_MODES or (
            shared and {channel, known.origin}.isdisjoint(shared)
        ):
            raise _error(texts.FILE_GONE, known, "not here")
        _check_size(known)
        url = address(found.get("url_private_download") or found.get("url_private"), self._own)
        if url is None:
            raise _error(texts.FILE_ELSEWHERE, known, "another host")
        return FetchedFile(known, partial(self._download, url, known))

    async def _look_up(self, attachment: Attachment) -> Mapping[str, Any]:
        """https://docs.slack.dev/reference/methods/files.info"""
        try:
            answer = await ask(
                "files.info", partial(self._client.files_info, file=attachment.id, limit=1)
            )
        except DeliveryError as err:
            if err.code == "missing_scope":
                raise AttachmentError(texts.FILES_FORBIDDEN, err.code) from err
            raise _error(texts.FILE_GONE, attachment, err.code) from err
        except SlackError as err:
            raise _error(texts.FILE_UNREACHABLE, attachment, type(err).__name__) from err
        file = answer["file"]
        return file if isinstance(file, dict) else {}

    async def _download(self, url: URL, attachment: Attachment) -> bytes:
        try:
            return await retrying(TRANSFER_ERRORS, self._read, url, attachment)
        except TRANSFER_ERRORS as err:
            raise _error(texts.FILE_UNREACHABLE, attachment, type(err).__name__) from err

    async def _read(self, url: URL, attachment: Attachment) -> bytes:
        session = self._client.session
        assert session is not None  # noqa: S101 - web_client() gives it one
        headers = {"Authorization": f"Bearer {self._client.token}"}
        async with session.get(
            url, headers=headers, allow_redirects=False, timeout=TRANSFER_TIMEOUT
        ) as response:
            if 300 <= response.status < 400:  # noqa: PLR2004 - to a login page, or to another host
                raise AttachmentError(texts.FILES_FORBIDDEN, "redirected")
            if response.status in {403, 404, 410}:
                raise _error(texts.FILE_GONE, attachment, f"http_{response.status}")
            response.raise_for_status()
            if (
                response.content_type in LOGIN_PAGE_TYPES
                and attachment.mimetype not in LOGIN_PAGE_TYPES
            ):
                raise AttachmentError(texts.FILES_FORBIDDEN, "a login page")
            content = bytearray()
            async for chunk in response.content.iter_chunked(CHUNK_BYTES):
                content += chunk
                if len(content) > MAX_FILE_BYTES:
                    raise _error(texts.FILE_TOO_LARGE, attachment, "larger than it said")
        if attachment.mimetype in LOGIN_PAGE_TYPES and len(content) != attachment.size:
            raise AttachmentError(texts.FILES_FORBIDDEN, "a login page")
        if not content:
            raise _error(texts.FILE_EMPTY, attachment, "empty")
        return bytes(content)


def address(named: object, own: URL) -> URL | None:
    """Where to fetch a file; None if that is neither one of Slack's hosts nor our `own` Slack's."""
    try:
        url = URL(str(named))
        origin = url.origin()
    except ValueError:
        return None
    by_name = origin.is_default_port() and SLACK_HOSTS.fullmatch(origin.host or "")
    return url if origin == own or (by_name and origin.scheme == "https") else None


def _check_size(attachment: Attachment) -> None:
    if attachment.size == 0:
        raise _error(texts.FILE_EMPTY, attachment, "empty")
    if (attachment.size or 0) > MAX_FILE_BYTES:
        raise _error(texts.FILE_TOO_LARGE, attachment, "too large")


def _error(sentence: str, attachment: Attachment, reason: str) -> AttachmentError:
    name = attachment.display_name or texts.UNNAMED_FILE
    return AttachmentError(sentence.format(name=name, megabytes=MAX_FILE_BYTES // 10**6), reason)
