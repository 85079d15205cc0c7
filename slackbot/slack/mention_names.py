"""The names of channels and user groups that messages mention by their IDs alone.

https://docs.slack.dev/reference/methods/conversations.info
https://docs.slack.dev/reference/methods/usergroups.list
"""

from asyncio import gather
from collections.abc import Mapping
from typing import NamedTuple

from slack_sdk.web.async_client import AsyncWebClient

from slackbot.conversation.channel_rights import Place
from slackbot.conversation.ids import ChannelId
from slackbot.errors import DeliveryError
from slackbot.slack.api_calls import DECORATION_WAIT_SECONDS, call
from slackbot.slack.channels import place_from
from slackbot.slack.json_fields import object_in, objects_in, text_in
from slackbot.slack.lookups import Lookups

PRIVATE_CHANNEL = "a private channel"
"""The model reads this for a channel whose name people here may not know."""

UNKNOWN_CHANNEL_CODES = frozenset({"channel_not_found", "not_in_channel"})
"""Slack shows every public channel to the bot, so any other one is private."""

_ALL = ""


class _Channel(NamedTuple):
    name: str
    """Empty if Slack does not tell it."""
    place: Place


class MentionNames:
    """Waits for a name no longer than a second, and gives None where Slack does not tell it."""

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client
        self._channels = Lookups(self._fetch_channel, method="conversations.info")
        self._groups = Lookups(self._fetch_groups)

    async def name(self, mentioned: str, here: ChannelId) -> str | None:
        """Returns the name of a channel as everybody in the channel `here` may read it, such as
        "#general", or the handle of a user group, whose ID begins with S. If `here` is empty, it
        is for instructions, in which admins name public channels.
        """
        if not mentioned.startswith("S"):
            return await self._channel_name(mentioned, here)
        is_told, groups = await gather(self._is_among_members(here), self._groups.get(_ALL))
        return (groups or {}).get(mentioned) if is_told else None

    async def is_public(self, channel: ChannelId) -> bool:
        """Returns whether a channel is known to be public."""
        found = await self._channels.get(channel)
        return found is not None and found.name != "" and found.place.is_public

    async def _channel_name(self, channel: str, here: ChannelId) -> str | None:
        """Slack also hides the names of private channels from people who are not in them, and those
        of public ones from people of other organisations.
        """
        is_told, found = await gather(self._is_among_members(here), self._channels.get(channel))
        if found is None:
            return None
        if found.name and (channel == here or (found.place.is_public and is_told)):
            return f"#{found.name}"
        return None if found.place.is_public else PRIVATE_CHANNEL

    async def _is_among_members(self, here: ChannelId) -> bool:
        """Whether only people of the bot's own organisation read what is said there."""
        if not here:
            return True
        found = await self._channels.get(here)
        return found is not None and (found.place.is_direct or not found.place.is_shared)

    async def close(self) -> None:
        """Cancels the calls that are still under way."""
        await self._channels.close()
        await self._groups.close()

    async def _fetch_channel(self, name: str) -> _Channel:
        channel = ChannelId(name)
        request = self._client.conversations_info(channel=channel)
        try:
            answer = await call("conversations.info", request, max_wait=DECORATION_WAIT_SECONDS)
        except DeliveryError as err:  # for good: it is not asked again for an hour
            return _Channel("", Place(channel, is_public=err.code not in UNKNOWN_CHANNEL_CODES))
        found = object_in(answer, "channel")
        return _Channel(text_in(found, "name"), place_from(channel, found))

    async def _fetch_groups(self, _: str) -> Mapping[str, str]:
        request = self._client.usergroups_list()
        try:
            answer = await call("usergroups.list", request, max_wait=DECORATION_WAIT_SECONDS)
        except DeliveryError:  # the app may lack usergroups:read
            return {}
        groups = objects_in(answer, "usergroups")
        return {text_in(each, "id"): text_in(each, "handle") for each in groups}
