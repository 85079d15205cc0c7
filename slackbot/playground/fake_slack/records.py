"""The state of a workspace. Each change sends the app its event and notifies the page.

The Web API's methods, and people through message_actions and app_actions, change these records.
"""

import time
from collections.abc import Iterable
from typing import Any

from slackbot.playground.change_notifier import ChangeNotifier
from slackbot.playground.fake_slack import event_payloads
from slackbot.playground.fake_slack.delivery import Delivery
from slackbot.playground.fake_slack.ephemerals import Ephemeral
from slackbot.playground.fake_slack.event_feed import EventFeed
from slackbot.playground.fake_slack.files import FileStore
from slackbot.playground.fake_slack.http_delivery import HttpSender
from slackbot.playground.fake_slack.interaction_payloads import ResponseTarget
from slackbot.playground.fake_slack.members import Channel, Person
from slackbot.playground.fake_slack.message_history import MessageHistory
from slackbot.playground.fake_slack.messages import MessageVersion, PostedMessage
from slackbot.playground.fake_slack.native_streams import NativeStreams
from slackbot.playground.fake_slack.socket_mode import SocketModeServer
from slackbot.playground.fake_slack.views import Views
from slackbot.playground.json_types import Json


class WorkspaceRecords(MessageHistory):
    """The state of a workspace. (channel id, ts of the first message) identifies a thread."""

    def __init__(self) -> None:
        super().__init__()
        self.changes = ChangeNotifier()
        self.sockets = SocketModeServer(self.app_id, self.changes)
        self.feed = EventFeed(self.sockets, HttpSender(self.signing_secret), self.changes)
        self.address = ""
        """The server's host and port."""
        self.ephemerals: list[Ephemeral] = []
        self.statuses: dict[tuple[str, str], str] = {}
        """The bot's status in each thread, until it posts there."""
        self.is_agent = True
        """The app is declared as an agent, so that its threads can have agent sessions."""
        self.sessions: dict[tuple[str, str], str] = {}
        """The status of each thread's agent session, as the app has set it."""
        self.locked_threads: set[tuple[str, str]] = set()
        """The threads to which admins allow no further reply."""
        self.titles: dict[tuple[str, str], str] = {}
        self.prompts: dict[tuple[str, str], list[Json]] = {}
        self.streams = NativeStreams(time.monotonic)
        self.views = Views(self.ids, self.bot)
        self.files = FileStore(self.ids)
        self.response_targets: dict[str, ResponseTarget] = {}
        """The target of each response URL, by the URL's last part."""

    @staticmethod
    def translated(blocks: Iterable[Json]) -> list[Json]:
        """Returns blocks as an app reads them later; as they are without the extra `playground`."""
        try:
            from slackbot.playground.fake_slack.translated_blocks import translated  # noqa: PLC0415
        except ImportError:
            return list(blocks)
        return translated(blocks)

    @property
    def origin(self) -> str:
        """What the addresses that it gives out begin with, without a slash at the end.

        Setting it lets a proxy show the workspace under another name: https://slack.test.
        """
        return self.files.base_url.rstrip("/")

    @origin.setter
    def origin(self, origin: str) -> None:
        self.files.base_url = f"{origin}/"

    def post(
        self, author: Person, channel: Channel, content: MessageVersion, **more: Any
    ) -> PostedMessage:
        """Stores a message; `more` are further fields of PostedMessage. Sends no event."""
        message = PostedMessage(channel.id, self.ids.ts(), author, [content], **more)
        self.add_message(message)
        if author == self.bot and message.thread_ts is not None:
            self.statuses.pop((channel.id, message.thread_ts), None)
        self.changes.notify()
        return message

    def update_message(
        self,
        message: PostedMessage,
        content: MessageVersion,
        *,
        marked_by: Person | None = None,
        metadata: Json | None = None,
    ) -> list[Delivery]:
        """Updates a message and tells the app; `marked_by` marks it as "(edited)".

        Its metadata stays the same unless new metadata is given.
        """
        previous = self.json(message)
        message.versions.append(content)
        message.metadata = metadata or message.metadata
        if marked_by is not None:
            message.edited = {"user": marked_by.id, "ts": self.ids.ts()}
        return self._send_change(message, previous)

    def add_attachment(self, message: PostedMessage, attachment: Json) -> list[Delivery]:
        """Adds an attachment to a message and tells the app."""
        previous = self.json(message)
        message.attachments = [*message.attachments, attachment]
        return self._send_change(message, previous)

    def delete_message(self, message: PostedMessage) -> list[Delivery]:
        """Deletes a message and tells the app. The last reply also removes the thread's tombstone.

        https://docs.slack.dev/reference/events/message/message_deleted
        """
        previous = self.json(message)
        message.deleted = True
        if self.replies(message):
            return self._send_change(message, previous)
        deliveries = self._send_deletion(message, previous)
        first = self.messages.get((message.channel, message.thread_ts or message.ts), message)
        if first is not message and not self.is_visible(first):
            deliveries += self._send_deletion(first, self.json(first))
        return deliveries

    def show_ephemeral(
        self,
        channel: Channel,
        person: Person,
        content: MessageVersion,
        thread_ts: str | None = None,
    ) -> Ephemeral:
        """Shows a message to one person only."""
        shown = Ephemeral(
            channel.id, person.id, content.text, content.blocks, thread_ts, self.ids.ts()
        )
        self.ephemerals.append(shown)
        self.changes.notify()
        return shown

    def response_url(
        self, channel: Channel, person: Person, message: PostedMessage | None = None
    ) -> str:
        """Creates a response URL."""
        key = self.ids.secret()
        self.response_targets[key] = ResponseTarget(channel, person, message)
        return f"{self.origin}/response/{key}"

    def send_channel_event(self, channel: Channel, event: Json) -> list[Delivery]:
        """Sends an event of a channel to the app, if its bot is a member."""
        if self.bot.id not in channel.members:
            return []
        return [self.send_event(event)]

    def send_event(self, event: Json, /, **envelope: Any) -> Delivery:
        """Sends an event to the app; `envelope` replaces fields of its envelope."""
        payload = event_payloads.callback(event, event_id=self.ids.id("Ev"), bot=self.bot)
        return self.feed.send("events_api", {**payload, **envelope})

    def _send_change(self, message: PostedMessage, previous: Json) -> list[Delivery]:
        self.changes.notify()
        channel = self.channels[message.channel]
        event = event_payloads.changed(self.json(message), previous, channel, self.ids.ts())
        return self.send_channel_event(channel, event)

    def _send_deletion(self, message: PostedMessage, previous: Json) -> list[Delivery]:
        self.changes.notify()
        channel = self.channels[message.channel]
        return self.send_channel_event(
            channel, event_payloads.deleted(previous, channel, self.ids.ts())
        )
