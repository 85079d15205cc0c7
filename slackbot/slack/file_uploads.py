"""Uploads files to threads.

https://docs.slack.dev/messaging/working-with-files#upload - in three steps: ask for an
address, send the content there, name the thread.
"""

from slack_sdk.web.async_client import AsyncWebClient
from yarl import URL

from slackbot.conversation.messages import ThreadKey
from slackbot.errors import DeliveryError, UnreachableError
from slackbot.slack.api_calls import call
from slackbot.slack.file_downloads import TRANSFER_ERRORS, TRANSFER_TIMEOUT, address


class SlackUploads:
    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client
        self._own = URL(client.base_url).origin()

    async def upload(self, thread: ThreadKey, name: str, content: bytes, title: str) -> None:
        """Raises SlackError. People see only the effect of the last step, which is not repeated."""
        asked = await call(
            "files.getUploadURLExternal",
            self._client.files_getUploadURLExternal(
                filename=name, length=len(content), alt_txt=title
            ),
        )
        await self._send(asked["upload_url"], content)
        await call(
            "files.completeUploadExternal",
            self._client.files_completeUploadExternal(
                files=[{"id": asked["file_id"], "title": title}],
                channel_id=thread.channel,
                thread_ts=thread.ts,
            ),
        )

    async def _send(self, named: object, content: bytes) -> None:
        """The address itself is the permission: no token goes along."""
        url = address(named, self._own)
        if url is None:
            raise DeliveryError("files.getUploadURLExternal", "another_host")
        session = self._client.session
        assert session is not None  # noqa: S101 - web_client() gives it one
        try:
            async with session.post(
                url, data=content, allow_redirects=False, timeout=TRANSFER_TIMEOUT
            ) as response:
                if response.status != 200:  # noqa: PLR2004
                    raise DeliveryError("upload", f"http_{response.status}")
        except TRANSFER_ERRORS as err:
            raise UnreachableError("upload", sent=True) from err
