"""What people do with messages: post, edit and delete them, react, share files and links."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from slackbot.playground.fake_slack import event_payloads
from slackbot.playground.fake_slack.delivery import Delivery
from slackbot.playground.fake_slack.event_feed import wait_until_settled
from slackbot.playground.fake_slack.members import Channel, Organisation, Person
from slackbot.playground.fake_slack.messages import PostedMessage, new_version
from slackbot.playground.fake_slack.platform_records import PlatformRecords
from slackbot.playground.fake_slack.records import WorkspaceRecords
from slackbot.playground.json_types import Json


class MessageActions(WorkspaceRecords):
    """Coroutines return once the app has acknowledged the event, or Slack has given up."""

    def __init__(
        self, platform: PlatformRecords, name: str, organisation: Organisation | None
    ) -> None:
        super().__init__(platform, name, organisation)
        self.mention_first = False
        """Whether `app_mention` is sent before the `message` with the same text."""
        self.mention_gap = 0.0
        """Seconds between the two events."""

    async def say(
        self,
        person: Person,
        channel: Channel,
        text: str,
        *,
        thread: str | None = None,
        subtype: str | None = None,
        files: Sequence[Mapping[str, Any]] = (),
        through: Person | None = None,
        **shown: Any,
    ) -> PostedMessage:
        """Posts text in Slack's markup; the person joins the channel if needed.

        `thread` is the ts of a thread's first message; `files` come from `share`. `shown` is what
        else the message has: `blocks`, `attachments`, and an app's `username`. `through` is the bot
        of an app that posts it with the person's token.
        """
        channel.members.add(person.id)
        for file in files:
            self.files.find(file["id"]).shared.append(channel)
        message = self.post(
            person,
            channel,
            new_version(text, shown.pop("blocks", ())),
            thread_ts=thread,
            subtype=subtype or ("file_share" if files else None),
            through=through,
            files=[dict(file) for file in files],
            **shown,
        )
        due = self._events_of(message, channel)
        deliveries = self.send_seen_event(channel, due[0]) if due else []
        for event in due[1:]:
            await asyncio.sleep(self.mention_gap)
            deliveries += self.send_seen_event(channel, event)
        await wait_until_settled(*deliveries)
        return message

    async def forward(
        self,
        person: Person,
        message: PostedMessage,
        channel: Channel,
        comment: str = "",
        *,
        thread: str | None = None,
    ) -> PostedMessage:
        """Forwards a message to a channel, below a comment in Slack's markup.

        Slack does not document the attachment; its fields are as in
        https://github.com/NousResearch/hermes-agent/issues/96384.
        """
        author, origin = message.author, self.channels[message.channel]
        attachment = {
            "id": 1,
            "is_share": True,
            "is_msg_unfurl": True,
            "ts": message.ts,
            "author_id": author.id,
            "author_name": author.real_name,
            "author_subname": author.name,
            "channel_id": origin.id,
            "channel_team": self.team.team_id,
            "from_url": self.permalink(message),
            "text": message.text,
            "fallback": f"{author.name}: {message.text}",
            "footer": f"Posted in #{origin.name}" if origin.kind == "channel" else "",
            "files": list(message.files),
            "message_blocks": [
                {
                    "team": self.team.team_id,
                    "channel": origin.id,
                    "ts": message.ts,
                    "message": {"blocks": self.translated(self.json(message)["blocks"])},
                }
            ],
        }
        return await self.say(person, channel, comment, thread=thread, attachments=[attachment])

    def permalink(self, message: PostedMessage) -> str:
        """Returns the link to a message that people copy."""
        ts = message.ts.replace(".", "")
        return f"https://{self.team.domain}.slack.com/archives/{message.channel}/p{ts}"

    async def edit(self, person: Person, message: PostedMessage, text: str) -> list[Delivery]:
        """Edits one's own message; returns the deliveries to the app.

        Raises PermissionError for someone else's message.
        """
        if person != message.author:
            raise PermissionError(f"{person.name} did not write that")
        deliveries = self.update_message(message, new_version(text), marked_by=person)
        await wait_until_settled(*deliveries)
        return deliveries

    async def delete(self, person: Person, message: PostedMessage) -> list[Delivery]:
        """Deletes a message; returns the deliveries to the app.

        Raises PermissionError for someone else's message, unless the person is an admin.
        """
        if person != message.author and not person.admin:
            raise PermissionError(f"{person.name} did not write that")
        deliveries = self.delete_message(message)
        await wait_until_settled(*deliveries)
        return deliveries

    def react(self, person: Person, message: PostedMessage, name: str) -> None:
        """Adds a reaction, or removes one's own."""
        people = message.reactions.setdefault(name, [])
        if person.id in people:
            people.remove(person.id)
        else:
            people.append(person.id)
        if not people:
            del message.reactions[name]
        self.changes.notify()

    async def unfurl(
        self, message: PostedMessage, url: str, title: str = "A page"
    ) -> list[Delivery]:
        """Adds a preview of a link to a message; returns the deliveries to the app.

        Slack does this shortly after the message, and does not mark it as edited.

        https://docs.slack.dev/messaging/unfurling-links-in-messages
        """
        attachment = {
            "id": len(message.attachments) + 1,
            "from_url": url,
            "original_url": url,
            "title": title,
            "title_link": url,
            "fallback": title,
        }
        deliveries = self.add_attachment(message, attachment)
        await wait_until_settled(*deliveries)
        return deliveries

    def share(
        self, person: Person, name: str, content: bytes, mimetype: str, *, clip: bool = False
    ) -> Json:
        """Stores a file and returns its file object, for `say`.

        `clip` means that it was recorded in Slack.
        """
        file = self.files.add(name, person, mimetype)
        file.clip = clip
        file.content = content
        return self.files.json(file)

    async def delete_file(self, file: Json) -> None:
        """Deletes a file everywhere; its messages keep a tombstone.

        https://docs.slack.dev/reference/events/file_deleted
        """
        stored = self.files.find(file["id"])
        deliveries = []
        for message in [each for each in self.messages.values() if file["id"] in str(each.files)]:
            previous = self.json(message)
            tombstone = self.files.tombstone_json(stored)
            message.files = [
                tombstone if each["id"] == stored.id else each for each in message.files
            ]
            deliveries += self._send_change(message, previous)
        stored.deleted = True
        await wait_until_settled(*deliveries)

    def _events_of(self, message: PostedMessage, channel: Channel) -> list[Json]:
        """Returns a message's events; outside its channels the app gets only public mentions."""
        events = []
        if self.joined(channel):
            events.append(event_payloads.posted(message, channel))
        may_mention = channel.kind == "channel" or (events and channel.kind != "im")
        mentioned = any(each.bot.mention in message.text for each in self.sharers(channel))
        if mentioned and may_mention and not message.author.bot_id:
            events.append(event_payloads.mentioned(message, channel))
        return events[::-1] if self.mention_first else events
