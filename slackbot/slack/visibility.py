"""What a person can see in Slack, and what stands there: the bot reads nothing else for anybody."""

from dataclasses import replace
from functools import partial

from slack_sdk.web.async_client import AsyncWebClient

from slackbot.conversation.message_links import MessageLink
from slackbot.conversation.messages import Message, ThreadKey
from slackbot.errors import DeliveryError
from slackbot.slack.api_calls import ask
from slackbot.slack.members import SlackMembers
from slackbot.slack.messenger import SlackMessenger

MOST_MEMBERS = 1_000
"""How many members of a channel are asked for at once; Slack gives no more."""

MOST_MESSAGES = 10_000
"""Of a thread."""

LATEST = "9999999999.999999"


class SlackVisibility:
    """Raises SlackError where Slack does not answer: then nothing is seen."""

    def __init__(
        self, client: AsyncWebClient, messenger: SlackMessenger, registry: SlackMembers, team: str
    ) -> None:
        """`team` is the workspace's id."""
        self._client = client
        self._messenger = messenger
        self._registry = registry
        self._team = team

    async def thread(self, link: MessageLink, user: str, here: str) -> list[Message] | None:
        """The messages of the thread that a link leads to, if this person can see it.

        None if they can't, or the bot can't, or it is not there: nobody is told which. What not
        everybody can see is not carried to where others read it: it is read where it stands, and
        where the person talks to the bot alone. `here` is the channel in which they ask.
        """
        among_others = not (here.startswith("D") or here == link.channel)
        try:
            if not await self._sees(user, link.channel, only_public=among_others):
                return None
            thread = ThreadKey(self._team, link.channel, link.thread_ts)
            found = await self._messenger.history(thread, before=LATEST, newest=MOST_MESSAGES)
        except DeliveryError:
            return None
        return [replace(message, thread=thread) for message in found]

    async def zone(self, user: str) -> tuple[str, int] | None:
        """A person's time zone: its name, and the seconds that it is ahead of UTC now."""
        answer = await ask("users.info", partial(self._client.users_info, user=user))
        found = answer["user"] or {}
        name, offset = found.get("tz"), found.get("tz_offset")
        return (name, offset) if isinstance(name, str) and isinstance(offset, int) else None

    async def _sees(self, user: str, channel: str, *, only_public: bool) -> bool:
        """Members see a channel; a public one everybody of the workspace but its guests."""
        about = partial(self._client.conversations_info, channel=channel)
        found = (await ask("conversations.info", about))["channel"] or {}
        if found.get("is_channel") and found.get("is_private") is False:
            member = await self._registry.member(user)
            if not member.outsider:
                return True
        return not only_public and await self._is_member(user, channel)

    async def _is_member(self, user: str, channel: str) -> bool:
        """https://docs.slack.dev/reference/methods/conversations.members"""
        cursor: str | None = None
        while True:
            page = partial(
                self._client.conversations_members,
                channel=channel,
                limit=MOST_MEMBERS,
                cursor=cursor,
            )
            answer = await ask("conversations.members", page)
            if user in (answer["members"] or []):
                return True
            cursor = (answer["response_metadata"] or {}).get("next_cursor")
            if not cursor:
                return False
