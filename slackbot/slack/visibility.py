"""Reads for a person only what that person can see in Slack."""

from dataclasses import replace

from slack_sdk.web.async_client import AsyncWebClient

from slackbot.conversation import channel_rights, turn_reads
from slackbot.conversation.ids import ChannelId, TeamId, UserId
from slackbot.conversation.message_links import MessageLink
from slackbot.conversation.messages import Message, ThreadKey
from slackbot.slack.channels import SlackChannels
from slackbot.slack.thread_reader import ThreadReader
from slackbot.slack.users import SlackUsers, TimeZone

MAX_MESSAGES_AROUND = 200
"""How many messages of a thread are read before a linked one, and how many after it."""


class SlackVisibility:
    """Every method raises SlackError if Slack does not say what a person can see."""

    def __init__(
        self, client: AsyncWebClient, threads: ThreadReader, users: SlackUsers, team: TeamId
    ) -> None:
        """`team` is the workspace's id."""
        self._channels = SlackChannels(client, users)
        self._threads = threads
        self._users = users
        self._team = team

    async def thread(
        self, link: MessageLink, user: UserId, here: ChannelId
    ) -> list[Message] | None:
        """The messages around the one that a link leads to, and the first of its thread.

        None if the person can't see it, or if it does not exist. Raises DeliveryError if the bot
        can't.

        `here` is the channel in which the person asks. Others read the answer there, so a thread
        that not everybody can see is read only in its own channel and in direct messages with one
        person.
        """
        thread = ThreadKey(self._team, link.channel, link.thread_ts)
        with turn_reads.counting(turn_reads.current().tool_calls):
            source = await self._channels.place(link.channel)
            place = source if here == link.channel else await self._channels.place(here)
            if not channel_rights.may_tell(source, place):
                return None
            if not await self._channels.sees(user, source):
                return None
            found = await self._threads.around(thread, link.ts, most=MAX_MESSAGES_AROUND)
        return [replace(message, thread=thread) for message in found]

    async def zone(self, user: UserId) -> TimeZone | None:
        """A person's time zone: its name, and the seconds that it is ahead of UTC now."""
        with turn_reads.counting(turn_reads.current().tool_calls):
            return await self._users.time_zone(user)
