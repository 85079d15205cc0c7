"""The content of files that people shared, fetched from Slack's own hosts and from nowhere else.

https://docs.slack.dev/reference/objects/file-object#authenticating

Every download carries the bot's token, so it goes to no other host and follows no redirect. Slack
is asked about the file each time, as files get deleted and shared. Content is never written to a
disk.
"""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from functools import partial
from html import escape
from itertools import islice
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient
from yarl import URL

from slackbot.attachments.file_reader import FetchedFile
from slackbot.attachments.mimetypes import CANVAS_TYPE
from slackbot.conversation.attachment import MAX_FILE_BYTES, Attachment
from slackbot.conversation.ids import ChannelId, UserId
from slackbot.errors import AttachmentError, DeliveryError, RevokedError, SlackError
from slackbot.markdown.mrkdwn import MAX_MENTIONED_PEOPLE
from slackbot.slack import file_objects, shared_emails, texts
from slackbot.slack.addresses import file_address
from slackbot.slack.api_calls import ask
from slackbot.slack.downloads import Downloads, file_error
from slackbot.slack.events import attachment_from
from slackbot.slack.file_objects import LIST_TYPE
from slackbot.slack.json_fields import object_in
from slackbot.slack.shared_emails import EmailAttachment

logger = logging.getLogger(__name__)

GONE_CODES = frozenset({"file_not_found", "file_deleted"})

READABLE_ACCESS = (None, "visible")
"""Of the field `file_access`. In an event it may also ask to call files.info, which has been done:
https://docs.slack.dev/apis/slack-connect/#files
"""

MAX_NAMED_MENTIONS = 10_000
"""Further mentions in a canvas stay as they are, so that names don't make it much longer."""

MAX_ATTACHMENTS_SECONDS = 30.0
"""For the attachments of one email. Those that come later are only named."""

_MENTION = re.compile(rb"(?<![\w@])@([UW][A-Z0-9]{5,20})\b")

GetName = Callable[[UserId], Awaitable[str | None]]


class SlackFiles:
    """`client` has the bot's token; files may also come from the host of its Web API."""

    def __init__(self, client: AsyncWebClient, get_name: GetName) -> None:
        """`get_name` gives the name of a person who is mentioned in a canvas."""
        self._client = client
        self._downloads = Downloads(client)
        self._get_name = get_name
        self._own = URL(client.base_url).origin()

    async def find(self, channel: ChannelId, attachment: Attachment) -> FetchedFile:
        """A file that was shared in the channel, or forwarded to it. Raises AttachmentError."""
        if attachment.size is not None:
            _check_size(attachment)
        found = await self._look_up(attachment)
        known = attachment.completed(attachment_from(found))
        shared = file_objects.channels_of(found)
        if found.get("mode") == "tombstone" or (
            shared and {channel, known.origin}.isdisjoint(shared)
        ):
            raise file_error(texts.FILE_GONE, known, "not here")
        _check_access(found, known)
        _check_size(known)
        if file_objects.is_email(found):
            return FetchedFile(known, partial(self._read_email, found, known))
        url = self._url_of(found, known)
        if known.mimetype == CANVAS_TYPE:
            return FetchedFile(known, partial(self._read_canvas, url, known))
        return FetchedFile(known, partial(self._downloads.fetch, url, known))

    async def _look_up(self, attachment: Attachment) -> Mapping[str, Any]:
        """https://docs.slack.dev/reference/methods/files.info"""
        try:
            answer = await ask(
                "files.info", partial(self._client.files_info, file=attachment.id, limit=1)
            )
        except RevokedError as err:
            raise file_error(texts.FILE_UNREACHABLE, attachment, err.code) from err
        except DeliveryError as err:
            if err.code == "missing_scope":
                raise AttachmentError(texts.FILES_FORBIDDEN, err.code) from err
            sentence = texts.FILE_GONE if err.code in GONE_CODES else texts.FILE_DENIED
            raise file_error(sentence, attachment, err.code) from err
        except SlackError as err:
            raise file_error(texts.FILE_UNREACHABLE, attachment, type(err).__name__) from err
        return object_in(answer, "file")

    def _url_of(self, found: Mapping[str, Any], attachment: Attachment) -> URL:
        named = found.get("url_private_download") or found.get("url_private")
        if not named:
            raise file_error(texts.FILE_NOT_READY, attachment, "no address")
        url = file_address(named, self._own)
        if url is None:
            raise file_error(texts.FILE_ELSEWHERE, attachment, "another host")
        return url

    async def _read_canvas(self, url: URL, attachment: Attachment) -> bytes:
        """Its HTML, with people's names in their mentions as far as Slack says them in time."""
        html = await self._downloads.fetch(url, attachment)
        mentions = islice(_MENTION.finditer(html), MAX_NAMED_MENTIONS)
        people = dict.fromkeys(UserId(mention[1].decode()) for mention in mentions)
        ids = [*people][:MAX_MENTIONED_PEOPLE]
        names = dict(zip(ids, await asyncio.gather(*map(self._get_name, ids)), strict=True))

        def named(mention: re.Match[bytes]) -> bytes:
            name = names.get(UserId(mention[1].decode()))
            return f"@{escape(name)}".encode() if name else mention[0]

        return _MENTION.sub(named, html, count=MAX_NAMED_MENTIONS)

    async def _read_email(self, found: Mapping[str, Any], attachment: Attachment) -> bytes:
        """Its HTML is fetched only where Slack has no plain text of it."""
        html = None
        if not shared_emails.text_of(found).strip():
            try:
                html = await self._downloads.fetch(self._url_of(found, attachment), attachment)
            except AttachmentError:
                if not shared_emails.preview_of(found).strip():
                    raise
        max_bytes = MAX_FILE_BYTES - len(html or b"")
        attached = await self._attachments_of(found, max_bytes)
        return shared_emails.email_of(found, html, attached)

    async def _attachments_of(
        self, found: Mapping[str, Any], max_bytes: int
    ) -> list[tuple[str, bytes]]:
        """What is attached to an email, in order; together up to `max_bytes`, and in time."""
        attached = shared_emails.attachments_of(found)
        contents: list[bytes] = []
        with suppress(TimeoutError):
            async with asyncio.timeout(MAX_ATTACHMENTS_SECONDS):
                for each in attached:
                    room = max_bytes - sum(map(len, contents))
                    contents.append(await self._email_attachment(each, room))
        contents += [b""] * (len(attached) - len(contents))
        return [(each.name, content) for each, content in zip(attached, contents, strict=True)]

    async def _email_attachment(self, attached: EmailAttachment, max_bytes: int) -> bytes:
        """Nothing if it can't be had; the model then knows its name alone."""
        url = file_address(attached.url, self._own)
        if url is None:
            return b""
        try:
            return await self._downloads.fetch(url, Attachment("", attached.name), max_bytes)
        except AttachmentError as err:
            logger.info("An attachment of an email is not read: %s", err.reason)
            return b""


def _check_access(found: Mapping[str, Any], attachment: Attachment) -> None:
    """Raises AttachmentError for what Slack describes and does not hand out."""
    access = found.get("file_access")
    if found.get("mode") == "hidden_by_limit":
        raise file_error(texts.FILE_HIDDEN, attachment, "hidden_by_limit")
    if file_objects.is_external(found):
        raise file_error(texts.FILE_ELSEWHERE, attachment, "external")
    if attachment.mimetype == LIST_TYPE:
        raise file_error(texts.FILE_IS_A_LIST, attachment, "a list")
    if access not in READABLE_ACCESS:
        raise file_error(texts.FILE_DENIED, attachment, f"file_access: {access}")


def _check_size(attachment: Attachment) -> None:
    if attachment.size == 0:
        raise file_error(texts.FILE_EMPTY, attachment, "empty")
    if (attachment.size or 0) > MAX_FILE_BYTES:
        raise file_error(texts.FILE_TOO_LARGE, attachment, "too large")
