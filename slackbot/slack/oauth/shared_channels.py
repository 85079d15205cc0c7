"""Which workspaces share a channel: Slack sends an event there once, and names only one of them.

https://docs.slack.dev/apis/slack-connect/using-slack-connect-with-apps
"""

import asyncio
import time
from collections.abc import Callable, Sequence

from cachetools import TTLCache

from slackbot.conversation.ids import ChannelId, TeamId
from slackbot.errors import DeliveryError, UnreachableError
from slackbot.slack.api_calls import call
from slackbot.slack.json_fields import object_in, texts_in
from slackbot.slack.oauth.client import ANSWER_TIMEOUT_SECONDS, OAuthClient
from slackbot.workspaces.installed import InstalledWorkspaces

KEPT_SECONDS = 600.0
"""How old an answer may be: a workspace that joins is noticed within this time."""

MAX_CHANNELS = 10_000


class SharedChannels:
    def __init__(
        self,
        installed: InstalledWorkspaces,
        client: OAuthClient,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`clock` gives seconds."""
        self._installed = installed
        self._client = client
        self._teams: TTLCache[tuple[ChannelId, TeamId], Sequence[TeamId]] = TTLCache(
            MAX_CHANNELS, KEPT_SECONDS, clock
        )

    async def teams(self, channel: ChannelId, asked_by: TeamId) -> Sequence[TeamId]:
        """Returns the workspaces of a channel that the bot of `asked_by` can see.

        Returns none if it can't see the channel. Raises SlackError if Slack does not answer, and
        StoreError or EncryptionError.

        https://docs.slack.dev/reference/methods/conversations.info
        """
        known = self._teams.get((channel, asked_by))
        if known is not None:
            return known
        access = await self._installed.access(asked_by)
        if access is None:
            return ()
        request = self._client.conversations_info(channel=channel, token=access.token)
        try:
            async with asyncio.timeout(ANSWER_TIMEOUT_SECONDS):
                answer = await call("conversations.info", request)
        except TimeoutError as err:
            raise UnreachableError("conversations.info", sent=True) from err
        except DeliveryError:
            found: Sequence[TeamId] = ()
        else:
            described = object_in(answer, "channel")
            named = ("shared_team_ids", "connected_team_ids", "internal_team_ids")
            found = [TeamId(team) for name in named for team in texts_in(described, name)]
        self._teams[channel, asked_by] = found
        return found
