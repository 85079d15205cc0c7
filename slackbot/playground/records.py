"""What has been said and shown in a workspace; every change is told to whom it concerns.

The Web API's methods and the people's own acts (workspace.py) both work on these records.
"""

import time
from typing import Any

from slackbot.playground import events
from slackbot.playground.changes import Changes
from slackbot.playground.delivery import Delivery
from slackbot.playground.directory import Directory
from slackbot.playground.feed import Feed
from slackbot.playground.files import Files
from slackbot.playground.interactions import Hook
from slackbot.playground.members import Channel, Person
from slackbot.playground.messages import PostedMessage, State
from slackbot.playground.notices import Ephemeral
from slackbot.playground.posts import Posts
from slackbot.playground.sockets import Sockets
from slackbot.playground.streams import Streams
from slackbot.playground.views import Views
from slackbot.playground.wire import Json, RefusedError


class Records(Directory):
    """The state of a workspace. Threads are named by (channel id, ts of the first message)."""

    def __init__(self) -> None:
        super().__init__()
        self.changes = Changes()
        self.sockets = Sockets(self.app_id, self.changes)
        self.feed = Feed(self.sockets, Posts(self.signing_secret), self.changes)
        self.address = ""
        """Host and port of the server."""
        self.messages: dict[tuple[str, str], PostedMessage] = {}
        """By (channel id, ts), in the order of their being posted; the deleted ones too."""
        self._threads: dict[tuple[str, str], list[PostedMessage]] = {}
        self.ephemerals: list[Ephemeral] = []
        self.statuses: dict[tuple[str, str], str] = {}
        """What the bot is at, until it posts in that thread."""
        self.titles: dict[tuple[str, str], str] = {}
        self.prompts: dict[tuple[str, str], list[Json]] = {}
        self.streams = Streams(time.monotonic)
        self.views = Views(self.mint, self.bot)
        self.files = Files(self.mint)
        self.hooks: dict[str, Hook] = {}
        """What each response URL belongs to, by the URL's last part."""

    def thread(self, channel: Channel, ts: str) -> list[PostedMessage]:
        """The messages of the thread that `ts` starts, in order, without the deleted ones."""
        return [
            message for message in self._threads.get((channel.id, ts), ()) if not message.deleted
        ]

    def message(self, channel: Channel, ts: str) -> PostedMessage:
        """A message that has not been deleted; raises RefusedError."""
        message = self.messages.get((channel.id, ts))
        if message is None or message.deleted:
            raise RefusedError("message_not_found")
        return message

    def post(self, author: Person, channel: Channel, content: State, **more: Any) -> PostedMessage:
        """Stores a message; `more` are the further fields of PostedMessage. Tells nobody."""
        message = PostedMessage(channel.id, self.mint.ts(), author, [content], **more)
        self.messages[channel.id, message.ts] = message
        self._threads.setdefault((channel.id, message.thread_ts or message.ts), []).append(message)
        if author == self.bot and message.thread_ts is not None:
            self.statuses.pop((channel.id, message.thread_ts), None)
        self.changes.tell()
        return message

    def rewrite(
        self,
        message: PostedMessage,
        content: State,
        *,
        marked_by: Person | None = None,
        metadata: Json | None = None,
    ) -> list[Delivery]:
        """Changes a message and tells the app; it shows as "(edited)" if `marked_by` is given.

        Its metadata stay what they are unless others are given.
        """
        previous = events.message_json(message, with_metadata=True)
        message.states.append(content)
        message.metadata = metadata or message.metadata
        if marked_by is not None:
            message.edited = {"user": marked_by.id, "ts": self.mint.ts()}
        self.changes.tell()
        channel = self.channels[message.channel]
        current = events.message_json(message, with_metadata=True)
        return self.tell(channel, events.changed(current, previous, channel, self.mint.ts()))

    def remove(self, message: PostedMessage) -> list[Delivery]:
        """Deletes a message and tells the app."""
        message.deleted = True
        self.changes.tell()
        channel = self.channels[message.channel]
        previous = events.message_json(message, with_metadata=True)
        return self.tell(channel, events.deleted(previous, channel, self.mint.ts()))

    def whisper(
        self, channel: Channel, person: Person, content: State, thread_ts: str | None = None
    ) -> None:
        """Shows something to one person only."""
        self.ephemerals.append(
            Ephemeral(channel.id, person.id, content.text, content.blocks, thread_ts)
        )
        self.changes.tell()

    def hook(self, channel: Channel, person: Person, message: PostedMessage | None = None) -> str:
        """A new response URL."""
        key = self.mint.secret()
        self.hooks[key] = Hook(channel, person, message)
        return f"http://{self.address}/response/{key}"

    def tell(self, channel: Channel, event: Json) -> list[Delivery]:
        """Sends an event to the app, unless its bot is not in the channel."""
        if self.bot.id not in channel.members:
            return []
        return [self.announce(event)]

    def announce(self, event: Json, **envelope: Any) -> Delivery:
        """Sends an event to the app; `envelope` replaces fields around it."""
        payload = events.callback(event, event_id=self.mint.id("Ev"), bot=self.bot)
        return self.feed.send("events_api", {**payload, **envelope})
