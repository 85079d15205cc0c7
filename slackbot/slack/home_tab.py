"""Keeps people's Home tabs up to date, and suggests prompts for an empty conversation."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Iterable

from cachetools import LRUCache

from slackbot.background import BackgroundTasks
from slackbot.conversation.ids import ChannelId, UserId
from slackbot.conversation.roles import Role
from slackbot.errors import SlackError, StoreError
from slackbot.instructions.overview import Overview, load_overview
from slackbot.instructions.scopes import Scope
from slackbot.instructions.service import InstructionsService
from slackbot.llm.tool_pins import ToolReviews
from slackbot.slack.home_tab_view import MAX_CHANNELS, home_view
from slackbot.slack.identity import Identity
from slackbot.slack.messenger import SlackMessenger
from slackbot.slack.views import SlackViews

logger = logging.getLogger(__name__)

MAX_VIEWERS = 25
"""The people who looked last see changes at once, the others when they look again. Each of them
costs a call for the role, of which the workspace has 100 a minute; a change costs who makes it
nothing.
"""


class HomeTabs:
    def __init__(
        self,
        me: Identity,
        instructions_service: InstructionsService,
        views: SlackViews,
        messenger: SlackMessenger,
        background_tasks: BackgroundTasks,
        tool_reviews: ToolReviews | None = None,
    ) -> None:
        self._me = me
        self._tool_reviews = tool_reviews
        self._instructions_service = instructions_service
        self._views = views
        self._messenger = messenger
        self._background_tasks = background_tasks
        self._viewers: LRUCache[UserId, None] = LRUCache(MAX_VIEWERS)
        self._outdated: OrderedDict[UserId, None] = OrderedDict()
        """The viewers whose tabs still have to be published."""
        self._publishing = False
        self._changes = 0
        self._overview: tuple[int, Overview] | None = None
        """What was published last, and the number of changes when it was read."""

    def opened(self, user: UserId, channel: ChannelId, tab: str) -> None:
        """A person opens one of the app's tabs; `channel` is their conversation with the bot.

        https://docs.slack.dev/reference/events/app_home_opened
        """
        if tab == "messages":
            self._background_tasks.begin(self._suggest_prompts(channel))
            return
        self._viewers[user] = None
        if self._tool_reviews is not None:
            self._tool_reviews.look()
        self._publish_to([user])

    def refresh(self) -> None:
        """Publishes a change to all viewers."""
        self._publish_to(self._viewers)

    def _publish_to(self, users: Iterable[UserId]) -> None:
        self._changes += 1
        self._outdated.update(dict.fromkeys(users))
        if not self._publishing:
            self._publishing = True
            self._background_tasks.begin(self._publish())

    async def _publish(self) -> None:
        """One tab after the other, so that changes in a row cost each viewer one call."""
        try:
            while self._outdated:
                user, _ = self._outdated.popitem(last=False)
                try:
                    await self._publish_one(user)
                except (SlackError, StoreError) as err:
                    logger.warning("A Home tab was not shown: %s", err.detail)
        finally:
            self._publishing = False

    async def _publish_one(self, user: UserId) -> None:
        """A person whose role Slack does not tell sees what an outsider sees."""
        if self._overview is None or self._overview[0] != self._changes:
            changes = self._changes
            overview = await load_overview(self._instructions_service, self._me.team)
            self._overview = changes, overview
        overview = self._overview[1]
        try:
            role = await self._instructions_service.role(user)
        except SlackError:
            role = Role.OUTSIDER
        if role is Role.MEMBER:
            overview = overview.within(await self._public_channels(overview))
        tool_changes = self._tool_reviews.waiting() if self._tool_reviews else ()
        view = home_view(overview, await self._bot_name(), role, tool_changes)
        await self._views.publish(user, view)

    async def _bot_name(self) -> str:
        return self._me.user_name or await self._messenger.display_name(self._me.user) or "me"

    async def _public_channels(self, overview: Overview) -> set[ChannelId]:
        """Those of the channels in an overview that every member of the workspace sees."""
        shown = [channel for channel, _ in overview.channels[:MAX_CHANNELS]]
        changed = [each.scope.channel for each in overview.change_records if each.scope.channel]
        channels = list(dict.fromkeys((*shown, *changed)))
        are_public = await asyncio.gather(*map(self._messenger.is_public, channels))
        return {each for each, is_public in zip(channels, are_public, strict=True) if is_public}

    async def _suggest_prompts(self, channel: ChannelId) -> None:
        revision_store = self._instructions_service.revision_store
        try:
            last = await revision_store.last_revision(Scope(self._me.team))
            if last is not None and last.settings is not None and last.settings.prompts:
                await self._messenger.suggest_prompts(channel, last.settings.prompts)
        except (SlackError, StoreError) as err:
            logger.warning("No prompts were suggested: %s", err.detail)
