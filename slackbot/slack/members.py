"""What permissions depend on: roles, who started a thread, who sees a channel, where the bot is.

Every method raises SlackError if Slack does not say.
"""

from functools import partial

from slack_sdk.web.async_client import AsyncWebClient

from slackbot.conversation.ids import ChannelId, UserId
from slackbot.conversation.roles import Member
from slackbot.errors import DeliveryError
from slackbot.instructions.scopes import Presence, Scope
from slackbot.slack.api_calls import PERSON_WAIT_SECONDS, ask
from slackbot.slack.channels import SlackChannels
from slackbot.slack.json_fields import objects_in, text_in
from slackbot.slack.users import SlackUsers


class SlackMembers:
    def __init__(self, client: AsyncWebClient, users: SlackUsers) -> None:
        self._client = client
        self._users = users
        self._channels = SlackChannels(client, users)

    async def member(self, user: UserId) -> Member:
        return await self._users.member(user)

    async def fresh_member(self, user: UserId) -> Member:
        return await self._users.fresh_member(user)

    async def starter(self, thread: Scope) -> UserId:
        """A person who posted through an app counts, a bot does not.

        https://docs.slack.dev/reference/methods/conversations.replies
        """
        look = partial(
            self._client.conversations_replies, channel=thread.channel, ts=thread.thread, limit=1
        )
        answer = await ask("conversations.replies", look, max_wait=PERSON_WAIT_SECONDS)
        first = next(iter(objects_in(answer, "messages")), {})
        user = UserId(text_in(first, "user") if first.get("ts") == thread.thread else "")
        by_bot = user and first.get("bot_id") and await self._users.is_bot(user)
        return UserId("") if by_bot else user

    async def sees(self, user: UserId, channel: ChannelId) -> bool:
        """Nobody is known to see a channel that Slack does not show to the bot."""
        try:
            place = await self._channels.place(channel)
        except DeliveryError as err:
            if err.code != "channel_not_found":
                raise
            return False
        return await self._channels.sees(user, place)

    async def presence(self, channel: ChannelId) -> Presence:
        """Slack does not tell the bot about private channels that it is not in. Direct messages
        always count.
        """
        try:
            found = await self._channels.look_up(channel)
        except DeliveryError as err:
            if err.code != "channel_not_found":
                raise
            return "absent"
        if found.get("is_archived"):
            return "archived"
        return "member" if found.get("is_member") or found.get("is_im") else "absent"
