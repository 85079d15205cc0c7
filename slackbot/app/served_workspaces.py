"""The bots of the workspaces that have the app, and what becomes of them when that changes."""

import asyncio
import logging
from collections.abc import Iterable
from contextlib import AsyncExitStack
from functools import partial

from slackbot.app.answerer import Answerer
from slackbot.app.process import Process
from slackbot.app.workspace_bot import WorkspaceBot, workspace_bot
from slackbot.app.workspace_bots import WorkspaceBots
from slackbot.conversation.ids import TeamId
from slackbot.errors import SlackbotError, StoreError
from slackbot.slack.client import web_client
from slackbot.slack.dispatcher import Dispatcher, FollowedDispatcher
from slackbot.slack.identity import installed_identity
from slackbot.slack.oauth.token_rotation import TokenRotation
from slackbot.workspaces.installations import InstallationKey

logger = logging.getLogger(__name__)

IDLE_SECONDS = 600.0
"""How long a workspace's bot stays open after the last delivery, if it answers nobody."""

IDLE_CHECK_SECONDS = 60.0


class ServedWorkspaces:
    """The bots of the workspaces, and what installations mean for them."""

    answerer: Answerer

    def __init__(self, process: Process, rotation: TokenRotation) -> None:
        self._process = process
        self._rotation = rotation
        self.bots: WorkspaceBots[WorkspaceBot] = WorkspaceBots(self._open)

    async def dispatcher(self, team: TeamId) -> Dispatcher | None:
        """What takes in a workspace's deliveries; None if the app is not installed there."""
        bot = await self.bots.get(team)
        if bot is None:
            return None
        await self.answerer.admit(team)
        return FollowedDispatcher(bot.dispatcher, partial(self._on_delivery, team, bot))

    async def forget(self, team: TeamId) -> None:
        """Ends a workspace's bot, and deletes everything about the workspace."""
        await self._close(team)
        await self._process.store.forget_team(team)

    async def follow(self, key: InstallationKey) -> None:
        """Gives the bots what an installation is now: another token, or none any more."""
        try:
            teams = [key.team] if key.team else await self._teams()
        except StoreError as err:
            logger.warning("What has changed in %s is not known: %s", key, err.user_message)
            return
        for team in teams:
            try:
                await self._follow(team)
            except SlackbotError as err:  # its next delivery is another try
                logger.warning("What has changed in %s is not known: %s", team, err.user_message)

    async def _teams(self) -> Iterable[TeamId]:
        """The workspaces that have an open bot, or need one."""
        waiting = await self._process.store.unanswered()
        return dict.fromkeys((*self.bots.teams(), *(thread.team for thread in waiting)))

    async def _follow(self, team: TeamId) -> None:
        """A new installation gets a new bot, which answers what could not be answered before."""
        access, bot = await self._rotation.access(team), self.bots.opened(team)
        if access is not None and bot is not None and bot.me == installed_identity(access):
            bot.client.token = access.token
            return
        if bot is not None:
            await self._close(team)
        if access is not None and (bot is not None or await self._process.store.unanswered(team)):
            await self.answerer.admit(team)

    async def _close(self, team: TeamId) -> None:
        await self.answerer.dismiss(team)
        await self.bots.close_one(team)

    async def close_idle(self) -> None:
        """Closes bots that are not needed, until it is cancelled: a thousand would fill memory."""
        while True:
            await asyncio.sleep(IDLE_CHECK_SECONDS)
            await self.bots.close_idle(IDLE_SECONDS, self.answerer.rest)

    async def _open(self, stack: AsyncExitStack, team: TeamId) -> WorkspaceBot | None:
        access = await self._rotation.access(team)
        if access is None:
            return None
        slack = self._process.settings.slack
        client = await stack.enter_async_context(
            web_client(
                slack.api_url,
                access.token,
                slack.network,
                team=team if access.installation.is_for_organisation else TeamId(""),
            )
        )
        opening = workspace_bot(self._process, client, client, installed_identity(access))
        return await stack.enter_async_context(opening)

    async def _on_delivery(self, team: TeamId, bot: WorkspaceBot) -> None:
        """Lets the next bot look, if this one was closed while it took something in."""
        if self.bots.opened(team) is not bot:
            await self.answerer.admit(team)
