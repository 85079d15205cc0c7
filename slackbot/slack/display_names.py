"""What people are called, asked of Slack once an hour at the most."""

import asyncio
import logging
import time
from collections import OrderedDict

from slack_sdk.web.async_client import AsyncWebClient

from slackbot.errors import SlackError
from slackbot.slack.api_calls import call

logger = logging.getLogger(__name__)

FRESH = 3600.0
"""Seconds that a name is kept."""

MOST = 10_000
"""How many names are kept."""


class DisplayNames:
    """Display names by user id; several who ask for the same one share the call."""

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client
        self._names: OrderedDict[str, tuple[float, asyncio.Task[str | None]]] = OrderedDict()

    async def display_name(self, user: str) -> str | None:
        """As other people see it; None where Slack does not tell, which is not remembered."""
        asked_at, asking = self._names.get(user, (0.0, None))
        now = time.monotonic()
        if asking is None or now - asked_at > FRESH:
            asking = asyncio.create_task(self._ask(user))
            self._names[user] = (now, asking)
            while len(self._names) > MOST:
                self._names.popitem(last=False)
        name = await asyncio.shield(asking)
        if name is None:
            self._names.pop(user, None)
        return name

    async def close(self) -> None:
        """Ends the questions that are still under way."""
        asking = [task for _, task in self._names.values()]
        for task in asking:
            task.cancel()
        await asyncio.gather(*asking, return_exceptions=True)

    async def _ask(self, user: str) -> str | None:
        """https://docs.slack.dev/reference/methods/users.info"""
        try:
            answer = await call("users.info", self._client.users_info(user=user))
        except SlackError as err:
            logger.warning("No name of %s: %s", user, err.__cause__.__class__.__name__)
            return None
        found = answer["user"] or {}
        profile = found.get("profile") or {}
        known = (profile.get("display_name"), profile.get("real_name"), found.get("name"))
        return next((name for name in known if isinstance(name, str) and name), None)
