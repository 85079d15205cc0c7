"""Reads what people write as instructions: a text in Slack's markup, or a file."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol

from slackbot.conversation.attachment import Attachment
from slackbot.conversation.ids import ChannelId, UserId
from slackbot.instructions.limits import MAX_INSTRUCTIONS_CHARS
from slackbot.markdown import mrkdwn


class DocumentReader(Protocol):
    async def text(self, channel: ChannelId, attachment: Attachment, max_chars: int, /) -> str:
        """The text in a file, or at least `max_chars` characters of it. The file was shared in the
        channel or, if `channel` is empty, nowhere yet. Raises AttachmentError.
        """


class TextReader:
    def __init__(
        self,
        documents: DocumentReader,
        *,
        bot_user: UserId,
        display_name: Callable[[UserId], Awaitable[str | None]],
    ) -> None:
        """`display_name` takes a user ID and gives None if Slack does not know the name."""
        self._documents = documents
        self._bot_user = bot_user
        self._display_name = display_name

    async def plain_text(self, markup: str) -> str:
        """A text in Slack's markup as the model should read it, with names for mentions."""
        users = [*map(UserId, mrkdwn.mentioned_users(markup))]
        found = await asyncio.gather(*map(self._display_name, users))
        names: dict[str, str] = {
            user: name for user, name in zip(users, found, strict=True) if name is not None
        }
        return mrkdwn.to_plain_text(markup, names, self._bot_user)

    async def file_text(self, channel: ChannelId, file: Attachment) -> str:
        """The text in a file, or more of it than instructions may have. Raises AttachmentError."""
        return await self._documents.text(channel, file, MAX_INSTRUCTIONS_CHARS + 1)

    async def name_of(self, user: UserId) -> str:
        """A person's display name; their user ID if Slack does not know it."""
        return await self._display_name(user) or user
