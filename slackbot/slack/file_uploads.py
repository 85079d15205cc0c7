"""Uploads files to threads.

https://docs.slack.dev/messaging/working-with-files#upload - in three steps: ask for an
address, send the content there, name the thread.
"""

import asyncio
from functools import partial
from itertools import count

from yarl import URL

from slackbot.backoff import pause
from slackbot.conversation.ids import ChannelId
from slackbot.conversation.messages import ThreadKey
from slackbot.errors import DeliveryError, RateLimitedError, UnreachableError
from slackbot.markdown.escaping import break_mentions
from slackbot.slack.address_posts import upload
from slackbot.slack.addresses import file_address
from slackbot.slack.api_calls import ask, call, passing, retrying
from slackbot.slack.client import WebClient
from slackbot.slack.file_objects import channels_of
from slackbot.slack.json_fields import object_in

MAX_ATTEMPTS = 4
"""Of sharing a file that is uploaded."""


class SlackUploads:
    def __init__(self, client: WebClient) -> None:
        self._client = client
        self._own = URL(client.base_url).origin()

    async def upload(self, thread: ThreadKey, name: str, content: bytes, title: str) -> None:
        """Raises SlackError. People see only the effect of the last step.

        Slack's own users are notified by nothing in the name or the title.
        """
        name, title = break_mentions(name), break_mentions(title)
        file_id = await retrying(passing, self._transfer, name, content, title)
        await self._share(thread, file_id, title)

    async def _transfer(self, name: str, content: bytes, title: str) -> str:
        """Returns the id of the file, which nobody sees yet.

        The address itself is the permission: no token goes along.
        """
        asked = await call(
            "files.getUploadURLExternal",
            self._client.files_getUploadURLExternal(
                filename=name, length=len(content), alt_txt=title
            ),
        )
        url = file_address(asked["upload_url"], self._own)
        if url is None:
            raise DeliveryError("files.getUploadURLExternal", "another_host")
        await upload(self._client, url, content)
        return str(asked["file_id"])

    async def _share(self, thread: ThreadKey, file_id: str, title: str) -> None:
        """Shares the file once: where that may have been done, Slack is asked first."""
        for failures in count(1):
            try:
                await call(
                    "files.completeUploadExternal",
                    self._client.files_completeUploadExternal(
                        files=[{"id": file_id, "title": title}],
                        channel_id=thread.channel,
                        thread_ts=thread.ts,
                    ),
                )
            except (RateLimitedError, UnreachableError) as err:
                if failures == MAX_ATTEMPTS:
                    raise
                if isinstance(err, RateLimitedError):
                    await asyncio.sleep(err.retry_after)
                    continue
                await asyncio.sleep(pause(failures))
                if not await self._is_shared(file_id, thread.channel):
                    continue
            return

    async def _is_shared(self, file_id: str, channel: ChannelId) -> bool:
        """https://docs.slack.dev/reference/methods/files.info"""
        answer = await ask("files.info", partial(self._client.files_info, file=file_id, limit=1))
        return channel in channels_of(object_in(answer, "file"))
