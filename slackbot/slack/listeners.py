"""What Slack tells us: each delivery is taken in, and only then acknowledged.

Messages are heard in a global middleware, which runs before the acknowledgement: Slack is told
that one arrived when it is safe in the store, and sends it again if that failed. Whatever else
Slack delivers is acknowledged too, or Slack would send it again and again.
"""

import logging
import re
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from slackbot.conversation import Message
from slackbot.slack.events import message_from
from slackbot.slack.identity import Identity
from slackbot.text import as_text

ANY = re.compile("")


class Ears(Protocol):
    async def hear(self, message: Message) -> None:
        """Returns when the message is safe, or is none of the bot's business."""

    def deleted(self, channel: str, ts: str) -> None: ...


def create_app(
    client: AsyncWebClient,
    me: Identity,
    *,
    signing_secret: str | None,
    ears: Ears,
    instructions: str,
) -> AsyncApp:
    """The Bolt app that hands what people say to the bot's ears."""
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

    @app.middleware
    async def listen(
        body: dict[str, Any],
        next: Callable[[], Awaitable[Any]],  # noqa: A002 - Bolt's name for it
    ) -> BoltResponse | None:
        event = body.get("event")
        if event is None:
            await next()
            return None
        if isinstance(event, dict):
            message = message_from(event, me)
            if message is not None:
                await ears.hear(message)
            elif event.get("subtype") == "message_deleted":
                ears.deleted(str(event.get("channel")), str(event.get("deleted_ts")))
        return BoltResponse(status=200)

    @app.command("/instructions")
    async def show_instructions(ack: AsyncAck) -> None:
        await ack(f"The instructions in force here:\n>>> {as_text(instructions)}")

    async def acknowledge(ack: AsyncAck) -> None:
        await ack()

    for kind in (app.command, app.action, app.view, app.view_closed, app.shortcut, app.options):
        kind(ANY)(acknowledge)
    return app
