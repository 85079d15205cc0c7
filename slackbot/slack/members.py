"""Who may do what, as Slack says: people's roles, who began a thread, where the bot is.

Roles are kept for a minute at the most: they change.
"""

import time

from slack_sdk.web.async_client import AsyncWebClient

from slackbot.errors import DeliveryError
from slackbot.instructions.permissions import Member
from slackbot.instructions.scopes import Scope
from slackbot.slack.api_calls import call

FRESH = 60.0
"""Seconds."""


class SlackMembers:
    """`team` is the workspace's id."""

    def __init__(self, client: AsyncWebClient, team: str) -> None:
        self._client = client
        self._team = team
        self._known: dict[str, tuple[float, Member]] = {}

    async def member(self, user: str) -> Member:
        """Raises SlackError where Slack does not say.

        https://docs.slack.dev/reference/methods/users.info
        """
        now = time.monotonic()
        self._known = {each: known for each, known in self._known.items() if now - known[0] < FRESH}
        if user not in self._known:
            self._known[user] = (now, await self._ask(user))
        return self._known[user][1]

    async def starter(self, thread: Scope) -> str:
        """https://docs.slack.dev/reference/methods/conversations.replies"""
        answer = await call(
            "conversations.replies",
            self._client.conversations_replies(channel=thread.channel, ts=thread.thread, limit=1),
        )
        first = (answer["messages"] or [{}])[0]
        by_a_person = first.get("ts") == thread.thread and not first.get("bot_id")
        return str(first.get("user") or "") if by_a_person else ""

    async def is_in(self, channel: str) -> bool:
        """https://docs.slack.dev/reference/methods/conversations.info

        It is not told of private ones that it is not in; in direct messages it always is.
        """
        try:
            answer = await call(
                "conversations.info", self._client.conversations_info(channel=channel)
            )
        except DeliveryError as err:
            if err.code != "channel_not_found":
                raise
            return False
        found = answer["channel"] or {}
        return bool(found.get("is_member") or found.get("is_im"))

    async def _ask(self, user: str) -> Member:
        answer = await call("users.info", self._client.users_info(user=user))
        said = answer["user"] or {}
        foreign = said.get("team_id") not in (None, self._team)
        signs = ("is_restricted", "is_ultra_restricted", "is_stranger", "is_bot", "deleted")
        outsider = foreign or any(said.get(each) for each in signs)
        admin = any(said.get(each) for each in ("is_admin", "is_owner", "is_primary_owner"))
        return Member(user, admin=admin and not outsider, outsider=outsider)
