"""Reads what people write as instructions: a text in Slack's markup, or a file."""

import asyncio
from typing import Protocol

from slackbot.conversation.attachment import Attachment
from slackbot.conversation.ids import ChannelId, UserId
from slackbot.instructions.limits import MAX_INSTRUCTIONS_CHARS
from slackbot.markdown import mrkdwn

NOWHERE = ChannelId("")
"""Instructions are read in many channels, so no private one is named in them."""


class DocumentReader(Protocol):
    async def text(self, channel: ChannelId, attachment: Attachment, max_chars: int, /) -> str:
        """The text in a file, or at least `max_chars` characters of it. The file was shared in the
        channel or, if `channel` is empty, nowhere yet. Raises AttachmentError.
        """


class Names(Protocol):
    """Each gives None if Slack does not tell a name now."""

    async def display_name(self, user: UserId, /) -> str | None: ...

    async def mention_name(self, mentioned: str, here: ChannelId, /) -> str | None:
        """A user group's handle, or a channel's name as people in the channel `here` know it."""


class TextReader:
    def __init__(self, documents: DocumentReader, *, bot_user: UserId, names: Names) -> None:
        self._documents = documents
        self._bot_user = bot_user
        self._names = names

    async def plain_text(self, markup: str) -> str:
        """A text in Slack's markup as the model should read it, with names for mentions."""
        users = mrkdwn.mentioned_users(markup)[: mrkdwn.MAX_MENTIONED_PEOPLE]
        unnamed = mrkdwn.unnamed_mentions(markup)
        found = await asyncio.gather(
            *(self._names.display_name(UserId(user)) for user in users),
            *(self._names.mention_name(each, NOWHERE) for each in unnamed),
        )
        asked = zip((*users, *unnamed), found, strict=True)
        names = {each: name for each, name in asked if name is not None}
        return mrkdwn.to_plain_text(markup, names, self._bot_user)

    async def file_text(self, channel: ChannelId, file: Attachment) -> str:
        """The text in a file, or more of it than instructions may have. Raises AttachmentError."""
        return await self._documents.text(channel, file, MAX_INSTRUCTIONS_CHARS + 1)

    async def name_of(self, user: UserId) -> str:
        """A person's display name; their user ID if Slack does not know it."""
        return await self._names.display_name(user) or user
