"""What has been said and shown in a workspace; every change is told to whom it concerns.

The Web API's methods and the people's own acts (talk.py, app_use.py) both work on these records.
"""

import time
from typing import Any

from slackbot.playground.changes import Changes
from slackbot.playground.fake_slack import event_payloads
from slackbot.playground.fake_slack.delivery import Delivery
from slackbot.playground.fake_slack.ephemerals import Ephemeral
from slackbot.playground.fake_slack.event_feed import Feed
from slackbot.playground.fake_slack.files import Files
from slackbot.playground.fake_slack.history import History
from slackbot.playground.fake_slack.http_delivery import Posts
from slackbot.playground.fake_slack.interaction_payloads import Hook
from slackbot.playground.fake_slack.members import Channel, Person
from slackbot.playground.fake_slack.messages import PostedMessage, State
from slackbot.playground.fake_slack.native_streams import Streams
from slackbot.playground.fake_slack.socket_mode import Sockets
from slackbot.playground.fake_slack.views import Views
from slackbot.playground.wire import Json


class WorkspaceRecords(History):
    """The state of a workspace. Threads are named by (channel id, ts of the first message)."""

    def __init__(self) -> None:
        super().__init__()
        self.changes = Changes()
        self.sockets = Sockets(self.app_id, self.changes)
        self.feed = Feed(self.sockets, Posts(self.signing_secret), self.changes)
        self.address = ""
        """Host and port of the server."""
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

    def post(self, author: Person, channel: Channel, content: State, **more: Any) -> PostedMessage:
        """Stores a message; `more` are the further fields of PostedMessage. Tells nobody."""
        message = PostedMessage(channel.id, self.mint.ts(), author, [content], **more)
        self.keep(message)
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
        previous = self.json(message)
        message.states.append(content)
        message.metadata = metadata or message.metadata
        if marked_by is not None:
            message.edited = {"user": marked_by.id, "ts": self.mint.ts()}
        return self._tell_change(message, previous)

    def attach(self, message: PostedMessage, attachment: Json) -> list[Delivery]:
        """Puts something below a message and tells the app."""
        previous = self.json(message)
        message.attachments = [*message.attachments, attachment]
        return self._tell_change(message, previous)

    def remove(self, message: PostedMessage) -> list[Delivery]:
        """Deletes a message and tells the app; the last reply takes its thread's tombstone along.

        https://docs.slack.dev/reference/events/message/message_deleted
        """
        previous = self.json(message)
        message.deleted = True
        if self.replies(message):
            return self._tell_change(message, previous)
        told = self._tell_deletion(message, previous)
        first = self.messages.get((message.channel, message.thread_ts or message.ts), message)
        if first is not message and not self.is_shown(first):
            told += self._tell_deletion(first, self.json(first))
        return told

    def whisper(
        self, channel: Channel, person: Person, content: State, thread_ts: str | None = None
    ) -> Ephemeral:
        """Shows something to one person only."""
        shown = Ephemeral(
            channel.id, person.id, content.text, content.blocks, thread_ts, self.mint.ts()
        )
        self.ephemerals.append(shown)
        self.changes.tell()
        return shown

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

    def announce(self, event: Json, /, **envelope: Any) -> Delivery:
        """Sends an event to the app; `envelope` replaces fields around it."""
        payload = event_payloads.callback(event, event_id=self.mint.id("Ev"), bot=self.bot)
        return self.feed.send("events_api", {**payload, **envelope})

    def _tell_change(self, message: PostedMessage, previous: Json) -> list[Delivery]:
        self.changes.tell()
        channel = self.channels[message.channel]
        event = event_payloads.changed(self.json(message), previous, channel, self.mint.ts())
        return self.tell(channel, event)

    def _tell_deletion(self, message: PostedMessage, previous: Json) -> list[Delivery]:
        self.changes.tell()
        channel = self.channels[message.channel]
        return self.tell(channel, event_payloads.deleted(previous, channel, self.mint.ts()))
