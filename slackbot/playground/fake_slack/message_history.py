"""The messages of a workspace by channel and thread, with the tombstones of deleted ones."""

from slackbot.playground.fake_slack.directory import Directory
from slackbot.playground.fake_slack.errors import RefusedError
from slackbot.playground.fake_slack.members import Channel, Organisation
from slackbot.playground.fake_slack.message_json import message_json, tombstone_json
from slackbot.playground.fake_slack.messages import PostedMessage
from slackbot.playground.fake_slack.platform_records import PlatformRecords
from slackbot.playground.json_types import Json


class MessageHistory(Directory):
    """All messages ever posted. A channel id and the first message's ts identify a thread.

    A deleted message with replies leaves a tombstone until the replies are deleted too.
    """

    def __init__(
        self, platform: PlatformRecords, name: str, organisation: Organisation | None
    ) -> None:
        super().__init__(platform, name, organisation)
        self.messages: dict[tuple[str, str], PostedMessage] = {}
        """By (channel id, ts), in order of posting, including deleted ones."""
        self._threads: dict[tuple[str, str], list[PostedMessage]] = {}

    def add_message(self, message: PostedMessage) -> None:
        """Adds a message to the record. Sends no event."""
        self.messages[message.channel, message.ts] = message
        thread = (message.channel, message.thread_ts or message.ts)
        self._threads.setdefault(thread, []).append(message)

    def message(self, channel: Channel, ts: str) -> PostedMessage:
        """Returns a message that is not deleted; raises RefusedError."""
        message = self.messages.get((channel.id, ts))
        if message is None or message.deleted:
            raise RefusedError("message_not_found")
        return message

    def thread(self, channel: Channel, ts: str) -> list[PostedMessage]:
        """Returns the messages of the thread that `ts` starts, in order, without deleted ones."""
        return [message for message in self.visible_thread(channel, ts) if not message.deleted]

    def visible_thread(self, channel: Channel, ts: str) -> list[PostedMessage]:
        """The same, including the tombstone of a deleted first message."""
        thread = self._threads.get((channel.id, ts), ())
        return [message for message in thread if self.is_visible(message)]

    def is_visible(self, message: PostedMessage) -> bool:
        """Whether a message or its tombstone is visible."""
        return not message.deleted or bool(self.replies(message))

    def replies(self, message: PostedMessage) -> list[PostedMessage]:
        """Returns the replies to a message, in order, without deleted ones."""
        if not message.starts_thread:
            return []
        thread = self._threads[message.channel, message.ts]
        return [reply for reply in thread if reply is not message and not reply.deleted]

    def json(self, message: PostedMessage, *, with_metadata: bool = True) -> Json:
        """Returns a message, or its tombstone, as the Web API does."""
        replies = self.replies(message)
        if message.deleted:
            return tombstone_json(message, replies)
        return message_json(message, replies=replies, with_metadata=with_metadata)
