"""The slash command, and where its answer goes.

https://docs.slack.dev/interactivity/implementing-slash-commands
"""

import logging
from collections.abc import Mapping
from typing import Any, Protocol

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond

from slackbot.instructions import Scope
from slackbot.slack.identity import Identity

logger = logging.getLogger(__name__)


class Desk(Protocol):
    async def answer(self, user: str, here: Scope, words: str) -> str:
        """What a person is told who gives an order somewhere."""


def add_commands(app: AsyncApp, me: Identity, desk: Desk) -> None:
    @app.command("/instructions")
    async def instructions(
        ack: AsyncAck, command: Mapping[str, Any], respond: AsyncRespond
    ) -> None:
        """Acknowledged before anything is looked up: Slack waits three seconds."""
        await ack()
        here = Scope(me.team, str(command.get("channel_id", "")))
        user, words = str(command.get("user_id", "")), str(command.get("text", ""))
        await respond(await desk.answer(user, here, words))
