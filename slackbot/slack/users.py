"""What Slack says about people: their name, their role and their time zone.

One `users.info` answers all three, for all who ask at the same time.
https://docs.slack.dev/reference/methods/users.info
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from slackbot.conversation.ids import TeamId, UserId
from slackbot.conversation.roles import Member, Role
from slackbot.errors import DeliveryError, UnreachableError
from slackbot.slack.api_calls import PERSON_WAIT_SECONDS, ask
from slackbot.slack.json_fields import object_in, text_in, texts_in
from slackbot.slack.lookups import TIMEOUT_SECONDS, Lookups

logger = logging.getLogger(__name__)

ROLE_CACHE_SECONDS = 60.0
"""Roles change, and so do time zones when people travel."""

ROLE_TIMEOUT_SECONDS = 10.0
"""How long anything waits for a role or a time zone. Without a role nothing is allowed."""

ROLE_FLAGS = (
    (Role.OUTSIDER, ("is_stranger", "is_bot", "deleted")),
    (Role.GUEST, ("is_restricted", "is_ultra_restricted")),
    (Role.OWNER, ("is_owner", "is_primary_owner")),
    (Role.ADMIN, ("is_admin",)),
)
"""The first role with a flag that is set counts.

https://docs.slack.dev/reference/objects/user-object
"""

BOT_FLAGS = ("is_bot", "is_workflow_bot", "is_connector_bot", "is_agentforce_bot")

TimeZone = tuple[str, int]
"""The zone's name, and the seconds that it is ahead of UTC now."""


@dataclass(frozen=True, slots=True)
class SlackUser:
    """One answer of `users.info`."""

    name: str | None
    member: Member
    is_bot: bool
    time_zone: TimeZone | None
    asked_at: float


class SlackUsers:
    def __init__(
        self,
        client: AsyncWebClient,
        team: TeamId,
        *,
        name_timeout: float = TIMEOUT_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`team` is the id of the bot's workspace: people of other workspaces are outsiders."""
        self._client = client
        self._team = team
        self._clock = clock
        self._lookups = Lookups(
            self._fetch,
            timeout=name_timeout,
            clock=clock,
            is_better=_is_better,
            method="users.info",
        )

    async def display_name(self, user: UserId) -> str | None:
        """The name that other people see, at most an hour old; None if Slack does not say in time.

        A call that takes longer goes on, and is not waited for a second time: the name is known
        once it is answered. None is made if names have had their share of them.
        """
        found = await self._lookups.get(user)
        return None if found is None else found.name

    def known_member(self, user: UserId) -> Member | None:
        """A person's role as Slack said it last, within an hour: no call is made."""
        known = self._lookups.known(user)
        return None if known is None else known.member

    async def member_soon(self, user: UserId) -> Member | None:
        """A person's role, at most a minute old; None if Slack does not say as soon as a name."""
        known = self._known_recently(user) or await self._lookups.look_again(user)
        return None if known is None else known.member

    async def member(self, user: UserId) -> Member:
        """A person's role, at most a minute old. Raises SlackError if Slack does not say."""
        return (await _in_time(self._recent(user))).member

    async def fresh_member(self, user: UserId) -> Member:
        """A person's role now, which no earlier call can tell. Raises SlackError as above."""
        found = await _in_time(self._fetch(user))
        self._lookups.remember(user, found)
        return found.member

    async def is_bot(self, user: UserId) -> bool:
        """Whether a user is an app's, as known for at most an hour: it never changes.

        True for a user that Slack does not show. Raises SlackError if Slack does not say.
        """
        known = self._lookups.known(user)
        try:
            found = known or await _in_time(self._recent(user))
        except DeliveryError:
            return True
        return found.is_bot

    async def is_among_members(self, user: UserId) -> bool:
        """Whether somebody is known to be a member of the workspace or one of its apps, as Slack
        said within the last hour. Waits no longer than for a name.
        """
        found = await self._lookups.get(user)
        return found is not None and (found.is_bot or found.member.role >= Role.MEMBER)

    async def time_zone(self, user: UserId) -> TimeZone | None:
        """A person's time zone, if they have set one. Raises SlackError if Slack does not say."""
        return (await _in_time(self._recent(user))).time_zone

    async def close(self) -> None:
        """Cancels the calls that are still under way."""
        await self._lookups.close()

    async def _recent(self, user: UserId) -> SlackUser:
        return self._known_recently(user) or await self._lookups.ask(user)

    def _known_recently(self, user: UserId) -> SlackUser | None:
        known = self._lookups.known(user)
        if known is None or self._clock() - known.asked_at >= ROLE_CACHE_SECONDS:
            return None
        return known

    async def _fetch(self, user: UserId) -> SlackUser:
        asked_at = self._clock()
        look = partial(self._client.users_info, user=user)
        answer = await ask("users.info", look, max_wait=PERSON_WAIT_SECONDS)
        return _user_from(object_in(answer, "user"), user, self._team, asked_at)


def _is_better(found: SlackUser, known: SlackUser | None) -> bool:
    """Whether it has a name, and was not asked for earlier."""
    return found.name is not None and (known is None or known.asked_at <= found.asked_at)


async def _in_time(asking: Awaitable[SlackUser]) -> SlackUser:
    """Raises UnreachableError if there is no answer within ROLE_TIMEOUT_SECONDS."""
    try:
        async with asyncio.timeout(ROLE_TIMEOUT_SECONDS):
            return await asking
    except TimeoutError as err:
        raise UnreachableError("users.info", sent=True) from err


def _user_from(found: Mapping[str, Any], user: UserId, team: TeamId, asked_at: float) -> SlackUser:
    profile = object_in(found, "profile")
    names = (
        text_in(profile, "display_name"),
        text_in(profile, "real_name"),
        text_in(found, "name"),
    )
    zone, offset = found.get("tz"), found.get("tz_offset")
    return SlackUser(
        name=next(filter(None, names), None),
        member=Member(user, _role(found, team)),
        is_bot=any(found.get(flag) for flag in BOT_FLAGS),
        time_zone=(zone, offset) if isinstance(zone, str) and isinstance(offset, int) else None,
        asked_at=asked_at,
    )


def _role(found: Mapping[str, Any], team: TeamId) -> Role:
    """Of somebody in several workspaces of one organisation, Slack may describe the role in another
    workspace: it gives no more rights than a member's here. Somebody who is not described has none.
    """
    if not found.get("id"):
        return Role.OUTSIDER
    having = (role for role, flags in ROLE_FLAGS if any(found.get(flag) for flag in flags))
    role = next(having, Role.MEMBER)
    if found.get("team_id") in (None, team):
        return role
    is_here = team in texts_in(object_in(found, "enterprise_user"), "teams")
    return min(role, Role.MEMBER) if is_here else Role.OUTSIDER
