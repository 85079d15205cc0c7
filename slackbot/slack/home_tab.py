"""Keeps people's Home tabs as they should be, and the prompts beside an empty conversation."""

import logging
from collections import OrderedDict
from collections.abc import Iterable

from slackbot.background import BackgroundTasks
from slackbot.errors import SlackError, StoreError
from slackbot.instructions.overview import Overview, load_overview
from slackbot.instructions.scopes import Scope
from slackbot.instructions.service import InstructionsService
from slackbot.slack.home_tab_view import home_view
from slackbot.slack.identity import Identity
from slackbot.slack.surfaces import Surfaces

logger = logging.getLogger(__name__)

MOST = 200
"""How many people's Home tabs are kept current, those who looked last; the others' are when they
look again.
"""


class HomeTabs:
    def __init__(
        self,
        me: Identity,
        instructions_service: InstructionsService,
        surfaces: Surfaces,
        background_tasks: BackgroundTasks,
    ) -> None:
        self._me = me
        self._instructions_service = instructions_service
        self._surfaces = surfaces
        self._background_tasks = background_tasks
        self._viewers: OrderedDict[str, None] = OrderedDict()
        self._stale: OrderedDict[str, None] = OrderedDict()
        self._busy = False
        self._news = 0
        self._shown: tuple[int, Overview] | None = None
        """What viewers were shown last, and how many news there had been when it was gathered."""

    def opened(self, user: str, channel: str, tab: str) -> None:
        """Somebody looks at one of the app's tabs; `channel` is their conversation with the bot.

        https://docs.slack.dev/reference/events/app_home_opened
        """
        if tab == "messages":
            self._background_tasks.begin(self._suggest(channel))
            return
        self._viewers[user] = None
        self._viewers.move_to_end(user)
        while len(self._viewers) > MOST:
            self._viewers.popitem(last=False)
        self._publish_to([user])

    def refresh(self) -> None:
        """Something has changed."""
        self._publish_to(self._viewers)

    def _publish_to(self, users: Iterable[str]) -> None:
        self._news += 1
        self._stale.update(dict.fromkeys(users))
        if not self._busy:
            self._busy = True
            self._background_tasks.begin(self._publish())

    async def _publish(self) -> None:
        """One after the other: changes in a row cost each viewer one call."""
        try:
            while self._stale:
                user, _ = self._stale.popitem(last=False)
                try:
                    await self._publish_one(user)
                except (SlackError, StoreError) as err:
                    logger.warning("A Home tab was not shown: %s", err.__cause__)
        finally:
            self._busy = False

    async def _publish_one(self, user: str) -> None:
        """Where Slack does not say who somebody is, they may not edit."""
        if self._shown is None or self._shown[0] != self._news:
            self._shown = self._news, await load_overview(self._instructions_service, self._me.team)
        try:
            may_edit = await self._instructions_service.is_admin(user)
        except SlackError:
            may_edit = False
        view = home_view(self._shown[1], self._me.user_name, may_edit=may_edit)
        await self._surfaces.publish(user, view)

    async def _suggest(self, channel: str) -> None:
        try:
            last = await self._instructions_service.revision_store.last_revision(
                Scope(self._me.team)
            )
            if last is not None and last.settings.prompts:
                await self._surfaces.suggest(channel, last.settings.prompts)
        except (SlackError, StoreError) as err:
            logger.warning("No prompts were suggested: %s", err.__cause__)
