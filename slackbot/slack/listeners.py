"""What Slack tells us: each delivery is taken in, and only then acknowledged.

Messages are heard in a global middleware, which runs before the acknowledgement: Slack is told
that one arrived when it is safe in the store, and sends it again if that failed. Whatever else
Slack delivers is acknowledged too, or Slack would send it again and again.
"""

import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.middleware.async_middleware import AsyncMiddleware
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from slackbot.controls import Press
from slackbot.conversation import Message, ThreadKey
from slackbot.slack.buttons import press_from
from slackbot.slack.commands import Desk, add_commands
from slackbot.slack.events import Deletion, Edit, change_from, is_expected, message_from
from slackbot.slack.identity import Identity

logger = logging.getLogger(__name__)

ANY = re.compile("")


class Ears(Protocol):
    """Each returns when what it was told is safe, or is none of the bot's business."""

    async def hear(self, message: Message) -> None: ...

    async def edited(self, message: Message, before: str) -> None: ...

    async def deleted(self, thread: ThreadKey, ts: str) -> None: ...

    async def pressed(self, press: Press) -> None: ...

    def stopped(self, channel: str, thread_ts: str) -> None: ...

    async def uninstalled(self, team: str) -> None: ...


def create_app(
    client: AsyncWebClient,
    me: Identity,
    *,
    signing_secret: str | None,
    ears: Ears,
    desk: Desk,
) -> AsyncApp:
    """The Bolt app that hands what people say to the bot's ears, and orders to the desk."""
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
        client=tokenless,
        authorize=authorize,
        signing_secret=signing_secret or "",
        ignoring_self_events_enabled=False,  # the deletion of a message of ours would be one
        logger=quiet,
    )

    app.use(Listening(me, ears))

    add_commands(app, me, desk)

    async def acknowledge(ack: AsyncAck) -> None:
        await ack()

    for kind in (app.command, app.action, app.view, app.view_closed, app.shortcut, app.options):
        kind(ANY)(acknowledge)
    return app


class Listening(AsyncMiddleware):
    """Bolt's middleware functions would not do: their arguments are looked for in the request
    before they are called, and that fails where one is missing that Slack always sends.
    """

    def __init__(self, me: Identity, ears: Ears) -> None:
        self._me = me
        self._ears = ears

    async def async_process(
        self,
        *,
        req: AsyncBoltRequest,
        resp: BoltResponse,
        next: Callable[[], Awaitable[BoltResponse]],  # noqa: A002 - Bolt's name for it
    ) -> BoltResponse:
        if await _took(req.body, self._me, self._ears):
            return BoltResponse(status=200)
        await next()
        return resp


async def _took(body: Mapping[str, Any], me: Identity, ears: Ears) -> bool:
    """Whether it was an event or a press on a button; then the bot knows what it needs to."""
    if "event" in body:
        event = body["event"]
        if not _is_ours(body, me):
            logger.warning("An event of another workspace was left alone")
        elif isinstance(event, dict):
            await _tell(ears, event, me)
        else:
            logger.warning("An event without content was left alone")
        return True
    if body.get("type") == "block_actions":
        press = press_from(body, me)
        if press is None:
            logger.warning("A button was pressed that is none of ours")
        else:
            await ears.pressed(press)
        return True
    return False


def _is_ours(body: Mapping[str, Any], me: Identity) -> bool:
    """Whether an event happened in our workspace, or in a channel that it shares with another.

    https://docs.slack.dev/apis/events-api#authorizations
    """
    authorizations = body.get("authorizations")
    teams = [body.get("team_id"), body.get("context_team_id")]
    if isinstance(authorizations, list):
        teams += [each.get("team_id") for each in authorizations if isinstance(each, dict)]
    return me.team in teams


async def _tell(ears: Ears, event: Mapping[str, Any], me: Identity) -> None:
    """Tells the bot what an event means; most mean nothing to it."""
    message = message_from(event, me)
    if message is not None:
        await ears.hear(message)
        return
    match change_from(event, me):
        case Edit(message, before):
            await ears.edited(message, before)
        case Deletion(thread, ts):
            await ears.deleted(thread, ts)
        case None if event.get("type") == "agent_session_stopped":
            ears.stopped(str(event.get("channel")), str(event.get("thread_ts")))
        case None if event.get("type") == "app_uninstalled":
            await ears.uninstalled(me.team)
        case None if not is_expected(event):
            logger.warning("An event was left alone: %.80r", event.get("type"))
