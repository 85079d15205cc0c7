"""The state of a workspace. Each change sends the app its event and notifies the page.

The Web API's methods, and people through message_actions and app_actions, change these records.
"""

import time
from collections.abc import Iterable, Sequence
from typing import Any

from slackbot.playground.fake_slack import event_payloads
from slackbot.playground.fake_slack.delivery import Delivery
from slackbot.playground.fake_slack.ephemerals import Ephemeral
from slackbot.playground.fake_slack.errors import RefusedError
from slackbot.playground.fake_slack.files import FileStore
from slackbot.playground.fake_slack.interaction_payloads import ResponseTarget
from slackbot.playground.fake_slack.members import Channel, Organisation, Person
from slackbot.playground.fake_slack.message_history import MessageHistory
from slackbot.playground.fake_slack.messages import MessageVersion, PostedMessage
from slackbot.playground.fake_slack.native_streams import NativeStreams
from slackbot.playground.fake_slack.platform_records import PlatformRecords
from slackbot.playground.fake_slack.views import Views
from slackbot.playground.json_types import Json


class WorkspaceRecords(MessageHistory):
    """The state of a workspace. (channel id, ts of the first message) identifies a thread."""

    def __init__(
        self, platform: PlatformRecords, name: str, organisation: Organisation | None
    ) -> None:
        super().__init__(platform, name, organisation)
        platform.workspaces.append(self)
        self.changes = platform.changes
        self.sockets = platform.sockets
        self.feed = platform.new_feed()
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
        self.files = FileStore(platform)
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
        return self.platform.origin

    @origin.setter
    def origin(self, origin: str) -> None:
        self.platform.origin = origin

    def post(
        self, author: Person, channel: Channel, content: MessageVersion, **more: Any
    ) -> PostedMessage:
        """Stores a message; `more` are further fields of PostedMessage. Sends no event."""
        message = PostedMessage(channel.id, self.ids.ts(), author, [content], **more)
        for workspace in self.sharers(channel):
            workspace.add_message(message)
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

    def sharers(self, channel: Channel) -> list["WorkspaceRecords"]:
        """Returns the workspaces that have a channel: this one, or all that share it."""
        if not channel.connected:
            return [self]
        return [each for each in self.platform.workspaces if each.team.team_id in channel.connected]

    def person(self, user: str) -> Person:
        """Returns a person of this workspace, or of one with which it shares a channel.

        Raises RefusedError.
        """
        for channel in (None, *(each for each in self.channels.values() if each.connected)):
            for workspace in [self] if channel is None else self.sharers(channel):
                if user in workspace.people:
                    return workspace.people[user]
        raise RefusedError("user_not_found")

    def owns(self, identifier: str) -> bool:
        """Whether this is the id of something here: a channel, a person, a file, a view."""
        return (
            identifier in self.channels
            or (identifier in self.people and identifier != self.bot.id)
            or any(file.id == identifier for file in self.files)
            or self.views.owns(identifier)
        )

    def joined(self, channel: Channel) -> list["WorkspaceRecords"]:
        """Returns the workspaces whose app is in a channel, in the order in which they joined it.

        More than one means that the channel is shared, and that the app has a bot in it for each.
        """
        joined = [
            each
            for each in self.sharers(channel)
            if each.has_app and each.bot.id in channel.members
        ]
        return sorted(joined, key=lambda each: _position(channel, each.team.team_id))

    def send_channel_event(self, channel: Channel, event: Json) -> list[Delivery]:
        """Sends an event of a channel to the app, if a bot of it is a member."""
        return self.send_seen_event(channel, event) if self.joined(channel) else []

    def send_seen_event(self, channel: Channel, event: Json) -> list[Delivery]:
        """Sends an event of a channel to the app once, whether or not its bot is a member.

        If the app is in the channel for several workspaces, `authorizations` names one of them,
        and the event is delivered to that one: https://docs.slack.dev/apis/events-api says that
        the list has one entry, https://docs.slack.dev/apis/slack-connect that there is no second
        event. As https://github.com/slackapi/bolt-js/issues/2008 found, it is the one that has
        joined last, whatever workspace the event comes from and whichever bot is mentioned.
        """
        joined = self.joined(channel) or [self]
        if not joined[-1].has_app:
            return []
        all_of_them = [each.authorization for each in joined]
        envelope = {} if joined[-1] is self else self._origin_of_event
        return [joined[-1].send_event(event, all_of_them, **envelope)]

    def send_event(
        self, event: Json, authorizations: Sequence[Json] = (), /, **envelope: Any
    ) -> Delivery:
        """Sends an event to the app; `envelope` replaces fields of its envelope.

        `authorizations` are all installations that may see it; the app can ask for them.
        """
        event_id = self.ids.id("Ev")
        channel = self.channels.get(str(event.get("channel")))
        payload = event_payloads.callback(
            event,
            event_id=event_id,
            app_id=self.app_id,
            authorization=self.authorization,
            is_ext_shared=channel is not None and channel.is_ext_shared,
        )
        seen_by = list(authorizations) or [self.authorization]
        self.platform.authorizations[payload["event_context"]] = seen_by
        return self.feed.send("events_api", {**payload, **envelope})

    @property
    def _origin_of_event(self) -> Json:
        """The fields of an envelope that name the workspace in which something happened."""
        return {
            "team_id": self.team.team_id,
            "enterprise_id": self.enterprise and self.enterprise["id"],
        }

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


def _position(channel: Channel, team: str) -> int:
    return channel.connected.index(team) if team in channel.connected else 0
