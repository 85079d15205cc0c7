"""The messages of a workspace by channel and thread, and what is left of the deleted ones."""

from slackbot.playground.fake_slack.directory import Directory
from slackbot.playground.fake_slack.members import Channel
from slackbot.playground.fake_slack.message_json import message_json, tombstone_json
from slackbot.playground.fake_slack.messages import PostedMessage
from slackbot.playground.wire import Json, RefusedError


class MessageHistory(Directory):
    """Everything ever posted. A thread is named by its channel and the ts of its first message.

    A deleted message to which there are replies leaves a tombstone, until they are deleted too.
    """

    def __init__(self) -> None:
        super().__init__()
        self.messages: dict[tuple[str, str], PostedMessage] = {}
        """By (channel id, ts), in the order of their being posted; the deleted ones too."""
        self._threads: dict[tuple[str, str], list[PostedMessage]] = {}

    def add_message(self, message: PostedMessage) -> None:
        """Puts a message on record. Tells nobody."""
        self.messages[message.channel, message.ts] = message
        thread = (message.channel, message.thread_ts or message.ts)
        self._threads.setdefault(thread, []).append(message)

    def message(self, channel: Channel, ts: str) -> PostedMessage:
        """A message that has not been deleted; raises RefusedError."""
        message = self.messages.get((channel.id, ts))
        if message is None or message.deleted:
            raise RefusedError("message_not_found")
        return message

    def thread(self, channel: Channel, ts: str) -> list[PostedMessage]:
        """The messages of the thread that `ts` starts, in order, without the deleted ones."""
        return [message for message in self.visible_thread(channel, ts) if not message.deleted]

    def visible_thread(self, channel: Channel, ts: str) -> list[PostedMessage]:
        """The same, with the tombstone that the thread begins with if its first one is gone."""
        thread = self._threads.get((channel.id, ts), ())
        return [message for message in thread if self.is_visible(message)]

    def is_visible(self, message: PostedMessage) -> bool:
        """Whether there is anything left of a message, be it its tombstone."""
        return not message.deleted or bool(self.replies(message))

    def replies(self, message: PostedMessage) -> list[PostedMessage]:
        """The replies to a message, in order, without the deleted ones."""
        if not message.starts_thread:
            return []
        thread = self._threads[message.channel, message.ts]
        return [reply for reply in thread if reply is not message and not reply.deleted]

    def json(self, message: PostedMessage, *, with_metadata: bool = True) -> Json:
        """A message as the Web API returns it; a deleted one is its tombstone."""
        replies = self.replies(message)
        if message.deleted:
            return tombstone_json(message, replies)
        return message_json(message, replies=replies, with_metadata=with_metadata)
