"""Which places people see in Slack. Nothing is kept: people leave channels, which become private.

Every method raises SlackError if Slack does not say.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from slackbot.conversation import channel_rights
from slackbot.conversation.channel_rights import Place
from slackbot.conversation.ids import ChannelId, UserId
from slackbot.conversation.roles import Role
from slackbot.errors import UnreachableError
from slackbot.slack.api_calls import PERSON_WAIT_SECONDS, ask
from slackbot.slack.conversation_pages import PageCursor, next_cursor
from slackbot.slack.json_fields import object_in, texts_in
from slackbot.slack.users import SlackUsers

MEMBERS_PAGE_SIZE = 1_000
"""Slack gives no more members of a channel at once."""

MAX_MEMBER_PAGES = 20
"""How many pages of members are read to find one person. In a larger private channel Slack counts
as not saying who is in it: a channel of 100,000 would cost 100 calls for each look.
"""


def place_from(channel: ChannelId, found: Mapping[str, Any]) -> Place:
    """https://docs.slack.dev/reference/objects/conversation-object"""
    return Place(
        channel,
        is_public=found.get("is_channel") is True and found.get("is_private") is False,
        is_direct=found.get("is_im") is True,
        is_shared=found.get("is_ext_shared") is not False
        or bool(found.get("is_pending_ext_shared")),
    )


class SlackChannels:
    def __init__(self, client: AsyncWebClient, users: SlackUsers) -> None:
        self._client = client
        self._users = users

    async def place(self, channel: ChannelId) -> Place:
        """What Slack says about a channel now. Raises DeliveryError if the bot can't see it."""
        return place_from(channel, await self.look_up(channel))

    async def look_up(self, channel: ChannelId) -> Mapping[str, Any]:
        """The same as Slack's own object.

        https://docs.slack.dev/reference/methods/conversations.info
        """
        look = partial(self._client.conversations_info, channel=channel)
        answer = await ask("conversations.info", look, max_wait=PERSON_WAIT_SECONDS)
        return object_in(answer, "channel")

    async def sees(self, user: UserId, place: Place) -> bool:
        """Whether a person can read a place in Slack."""
        role = (await self._users.member(user)).role if place.is_public else Role.OUTSIDER
        if channel_rights.sees(role, place, is_member=False):
            return True
        is_member = await self.is_member(user, place.channel)
        return channel_rights.sees(role, place, is_member=is_member)

    async def is_member(self, user: UserId, channel: ChannelId) -> bool:
        """Whether a person has joined a channel.

        https://docs.slack.dev/reference/methods/conversations.members
        """
        cursor = PageCursor(MAX_MEMBER_PAGES)
        while True:
            page = partial(
                self._client.conversations_members,
                channel=channel,
                limit=MEMBERS_PAGE_SIZE,
                cursor=cursor.value,
            )
            answer = await ask("conversations.members", page, max_wait=PERSON_WAIT_SECONDS)
            if user in texts_in(answer, "members"):
                return True
            following = next_cursor(answer)
            if following is None:
                return False
            if not cursor.advance(following):
                break
        raise UnreachableError("conversations.members", sent=True, code="too_many_members")
