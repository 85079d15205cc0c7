"""Bolt's application: it stores each event first and acknowledges it then.

A global middleware handles events, as it runs before the acknowledgement. If the store fails, or
Slack does not say whether the app is still installed, Slack gets no acknowledgement and sends the
event again. Everything else is acknowledged as well, or Slack would keep sending it.
"""

import logging
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any, Protocol

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.middleware.async_middleware import AsyncMiddleware
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from slackbot.conversation.ids import ChannelId, TeamId, UserId
from slackbot.conversation.inbox_events import ButtonPressed, InboxEvent
from slackbot.errors import OutdatedFormError, SlackError, StoreError
from slackbot.slack import texts
from slackbot.slack.buttons import press_from
from slackbot.slack.events import event_from, is_expected, is_own_echo
from slackbot.slack.identity import Identity
from slackbot.slack.installation import InstallationCheck
from slackbot.slack.modals import notice
from slackbot.slack.person_budget import PersonBudgets

logger = logging.getLogger(__name__)

ANY_ID = re.compile("")


class EventHandler(Protocol):
    """Each method returns once the event is stored, or if it does not concern the bot."""

    async def on_event(self, event: InboxEvent) -> None: ...

    async def on_uninstall(self, team: TeamId) -> None:
        """Returns once everything about the workspace is deleted. May raise StoreError."""


class HomeTabHandler(Protocol):
    """What happens when people open the app's tabs."""

    def opened(self, user: UserId, channel: ChannelId, tab: str) -> None: ...


def create_app(
    client: AsyncWebClient,
    me: Identity,
    *,
    signing_secret: str | None,
    installation: InstallationCheck,
    handler: EventHandler,
    home: HomeTabHandler,
    add_interactions: Iterable[Callable[[AsyncApp], None]],
) -> AsyncApp:
    """The Bolt app; `add_interactions` add the listeners for commands, forms, menus and buttons."""
    quiet = logging.getLogger(f"{__name__}.bolt")
    quiet.setLevel(logging.ERROR)  # it warns of settings that we read ourselves

    async def authorize(**_: Any) -> AuthorizeResult:
        return AuthorizeResult(
            enterprise_id=None,
            team_id=me.team,
            bot_token=client.token,
            bot_id=me.bot,
            bot_user_id=me.user,
        )

    # With a token of its own Bolt would ask Slack who we are before it lets the first event in.
    tokenless = AsyncWebClient(base_url=client.base_url, session=client.session)
    app = AsyncApp(
        name=quiet.name,  # of Bolt's own logger; without one it reads the source of all callers
        client=tokenless,
        authorize=authorize,
        signing_secret=signing_secret or "",
        ignoring_self_events_enabled=False,  # the deletion of a message of ours would be one
        logger=quiet,
    )

    app.use(EventMiddleware(me, installation, handler, home))
    for add in add_interactions:
        add(app)

    async def acknowledge(ack: AsyncAck) -> None:
        await ack()

    async def refuse(ack: AsyncAck) -> None:
        """Answers a form of an earlier version."""
        await ack(
            response_action="update",
            view=notice(texts.NOT_SAVED, OutdatedFormError().user_message).to_dict(),
        )

    app.view(ANY_ID)(refuse)
    for kind in (app.command, app.action, app.view_closed, app.shortcut, app.options):
        kind(ANY_ID)(acknowledge)
    return app


class EventMiddleware(AsyncMiddleware):
    """Handles events and presses of buttons under messages.

    It is a class because Bolt looks for the arguments of a middleware function in the request, and
    fails if the request lacks one of them.
    """

    def __init__(
        self,
        me: Identity,
        installation: InstallationCheck,
        handler: EventHandler,
        home: HomeTabHandler,
    ) -> None:
        self._me = me
        self._installation = installation
        self._handler = handler
        self._home = home
        self._budgets = PersonBudgets()

    async def async_process(
        self,
        *,
        req: AsyncBoltRequest,
        resp: BoltResponse,
        next: Callable[[], Awaitable[BoltResponse]],  # noqa: A002 - Bolt's name for it
    ) -> BoltResponse:
        if not self._budgets.take(req.body):
            logger.warning("Somebody uses commands and buttons too often: they are ignored")
            return BoltResponse(status=200, body=texts.TOO_OFTEN if "command" in req.body else "")
        try:
            handled = await self._handle(req.body)
        except (StoreError, SlackError) as err:
            logger.error(  # noqa: TRY400 - the sentence says it; there may be thousands of events
                "An event was not taken in: %s (%s)", err.user_message, err.detail
            )
            return BoltResponse(status=503)
        if handled:
            return BoltResponse(status=200)
        await next()
        return resp

    async def _handle(self, body: Mapping[str, Any]) -> bool:
        """Handles an event or a press of a button under a message; false for anything else."""
        if "event" in body:
            event = body["event"]
            if not isinstance(event, dict):
                logger.warning("An event without content was ignored")
            elif not is_own_echo(event, self._me):
                await self._handle_event(event)
            return True
        if body.get("type") == "block_actions" and "view" not in body:
            press = press_from(body, self._me)
            if press is None:
                logger.warning("An unknown button was pressed")
            else:
                await self._handler.on_event(ButtonPressed(press))
            return True
        return False

    async def _handle_event(self, event: Mapping[str, Any]) -> None:
        """Passes an event on to the part of the bot that it concerns, if any."""
        inbox_event = event_from(event, self._me)
        if inbox_event is not None:
            await self._handler.on_event(inbox_event)
            return
        match event.get("type"):
            case "app_uninstalled":
                await self._on_uninstall()
            case "tokens_revoked":
                await self._installation.is_gone()
            case "app_home_opened":
                user, channel, tab = (
                    str(event.get(name, "")) for name in ("user", "channel", "tab")
                )
                self._home.opened(UserId(user), ChannelId(channel), tab)
            case kind if not is_expected(event):
                logger.warning("An unknown event was ignored: %.80r", kind)

    async def _on_uninstall(self) -> None:
        if await self._installation.is_gone():
            self._installation.remove()
            await self._handler.on_uninstall(self._me.team)
        else:
            logger.warning("Slack told late that the app was removed: it is installed again")
