"""Asks admins about tools that a server has changed, and takes their answers.

They are told in a direct message, once; the Home tab shows them what has changed, with a button.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from slackbot.background import BackgroundTasks
from slackbot.conversation.ids import ChannelId, TeamId, UserId
from slackbot.conversation.roles import Role
from slackbot.errors import SlackbotError, SlackError
from slackbot.instructions.scopes import Scope
from slackbot.instructions.service import InstructionsService
from slackbot.llm.tool_pins import ToolChange, ToolReviews
from slackbot.slack.channel_notes import ChannelNotes
from slackbot.slack.tool_changes_view import ACCEPT_TOOL, MAX_NAMED_TOOLS, change_note
from slackbot.turns.role_directory import RoleDirectory

logger = logging.getLogger(__name__)

Body = Mapping[str, Any]


class ToolChangeReviews:
    def __init__(
        self,
        team: TeamId,
        reviews: ToolReviews,
        instructions: InstructionsService,
        roles: RoleDirectory,
        notes: ChannelNotes,
        background_tasks: BackgroundTasks,
        refresh_home_tabs: Callable[[], None],
    ) -> None:
        self._team = team
        self._reviews = reviews
        self._instructions = instructions
        self._roles = roles
        self._notes = notes
        self._background_tasks = background_tasks
        self._refresh_home_tabs = refresh_home_tabs
        self._shown: Sequence[ToolChange] = ()

    def add_to(self, app: AsyncApp) -> None:
        app.action(ACCEPT_TOOL)(self.accept)

    def on_review(self) -> None:
        """A server has listed its tools, or a change was accepted."""
        changes = self._reviews.waiting()
        if changes != self._shown:
            self._shown = changes
            self._refresh_home_tabs()

    def tell_admins(self) -> None:
        """Tells them of changes that they were not told of. One process takes each of these, and
        tells them even if another one owns the workspace by then: nobody else would.
        """
        if self._reviews.waiting():
            self._background_tasks.begin(self._tell())

    async def accept(
        self, ack: AsyncAck, body: Mapping[str, Any], action: Mapping[str, Any]
    ) -> None:
        """The button in the Home tab."""
        await ack()
        user, identity = UserId(body["user"]["id"]), str(action.get("value") or "")
        self._background_tasks.begin(self._accept(user, identity))

    async def _accept(self, user: UserId, identity: str) -> None:
        """Only for somebody who is an admin now, and only the change that they have seen."""
        try:
            if not await self._is_admin(user):
                logger.warning("%s can't accept a tool: they are no admin", user)
            elif await self._reviews.accept(identity):
                logger.info("%s accepted a tool", user)
        except SlackbotError as err:
            logger.warning("A tool was not accepted: %s", err.detail)
        self._refresh_home_tabs()

    async def _tell(self) -> None:
        changes = await self._reviews.take_untold()
        if not changes:
            return
        names = ", ".join(f"{each.tool} of {each.server}" for each in changes[:MAX_NAMED_TOOLS])
        logger.warning(
            "Tools of MCP servers have changed (%d), and need approval until an admin accepts them "
            "in the Home tab: %s",
            len(changes),
            names,
        )
        known = await self._instructions.people_who_know(Scope(self._team))
        for user in sorted(known):
            try:
                if await self._is_admin(user):
                    # Slack takes a person's ID for their direct message with the bot:
                    # https://docs.slack.dev/reference/methods/chat.postMessage#channels
                    await self._notes.post(ChannelId(user), change_note(changes))
            except SlackError as err:
                logger.warning("%s was not told of changed tools: %s", user, err.detail)

    async def _is_admin(self, user: UserId) -> bool:
        """Whether Slack says so now."""
        role = await self._roles.role_now(user)
        return role is not None and role >= Role.ADMIN
