"""Reads for a person only what that person can see in Slack."""

from dataclasses import replace
from functools import partial

from slack_sdk.web.async_client import AsyncWebClient

from slackbot.conversation.ids import ChannelId, TeamId, UserId
from slackbot.conversation.message_links import MessageLink
from slackbot.conversation.messages import Message, ThreadKey
from slackbot.conversation.roles import Role
from slackbot.slack.api_calls import ask
from slackbot.slack.conversation_pages import next_cursor
from slackbot.slack.json_fields import object_in, texts_in
from slackbot.slack.thread_reader import ThreadReader
from slackbot.slack.users import SlackUsers, TimeZone

MEMBERS_PAGE_SIZE = 1_000
"""Slack gives no more members of a channel at once."""

MAX_MESSAGES_AROUND = 200
"""How many messages of a thread are read before a linked one, and how many after it."""


class SlackVisibility:
    """Every method raises SlackError if Slack does not say what a person can see."""

    def __init__(
        self, client: AsyncWebClient, threads: ThreadReader, users: SlackUsers, team: TeamId
    ) -> None:
        """`team` is the workspace's id."""
        self._client = client
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
        that not everybody can see is read only in its own channel and in direct messages.
        """
        among_others = not (here.startswith("D") or here == link.channel)
        if not await self._sees(user, link.channel, only_public=among_others):
            return None
        thread = ThreadKey(self._team, link.channel, link.thread_ts)
        found = await self._threads.around(thread, link.ts, most=MAX_MESSAGES_AROUND)
        return [replace(message, thread=thread) for message in found]

    async def zone(self, user: UserId) -> TimeZone | None:
        """A person's time zone: its name, and the seconds that it is ahead of UTC now."""
        return await self._users.time_zone(user)

    async def _sees(self, user: UserId, channel: ChannelId, *, only_public: bool) -> bool:
        """Members see a channel, and everybody but guests sees a public one."""
        about = partial(self._client.conversations_info, channel=channel)
        found = object_in((await ask("conversations.info", about)), "channel")
        if found.get("is_channel") and found.get("is_private") is False:
            member = await self._users.member(user)
            if member.role >= Role.MEMBER:
                return True
        return not only_public and await self._is_member(user, channel)

    async def _is_member(self, user: UserId, channel: ChannelId) -> bool:
        """https://docs.slack.dev/reference/methods/conversations.members"""
        cursor: str | None = None
        while True:
            page = partial(
                self._client.conversations_members,
                channel=channel,
                limit=MEMBERS_PAGE_SIZE,
                cursor=cursor,
            )
            answer = await ask("conversations.members", page)
            if user in texts_in(answer, "members"):
                return True
            cursor = next_cursor(answer, cursor)
            if not cursor:
                return False
