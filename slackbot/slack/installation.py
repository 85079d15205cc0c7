"""Whether the workspace still has the app: only Slack's answer to the bot's token tells.

Slack may deliver `app_uninstalled` late, after a new installation, and says nothing about the order
of that event and `tokens_revoked`. A token that works belongs to an installation that exists.
https://docs.slack.dev/reference/events/app_uninstalled
https://docs.slack.dev/reference/events/tokens_revoked
"""

import asyncio
import logging
import math
from contextlib import suppress

from slackbot.errors import RevokedError, SlackError, UnreachableError
from slackbot.slack import texts
from slackbot.slack.api_calls import call
from slackbot.slack.client import WebClient

logger = logging.getLogger(__name__)

ANSWER_TIMEOUT_SECONDS = 2.0
"""Slack waits three seconds for the acknowledgement of an event."""

RECHECK_SECONDS = 60.0
"""How old an answer may be where only a health check asks."""


class InstallationCheck:
    def __init__(self, client: WebClient) -> None:
        """`client` has the bot's token."""
        self._client = client
        self._problem = ""
        self._asked_at = -math.inf
        self._removed = False

    async def is_gone(self) -> bool:
        """Asks Slack whether it refuses the token. Raises SlackError if Slack does not say.

        https://docs.slack.dev/reference/methods/auth.test
        """
        self._asked_at = asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout(ANSWER_TIMEOUT_SECONDS):
                await call("auth.test", self._client.auth_test())
        except RevokedError as err:
            problem = texts.NO_WORKSPACE.format(code=err.code)
            if problem != self._problem:
                logger.critical("%s", problem)
            self._problem = problem
            return True
        except TimeoutError as err:
            raise UnreachableError("auth.test", sent=True) from err
        if not self._removed:
            self._problem = ""
        return False

    def remove(self) -> None:
        """Notes that everything about the workspace is deleted: only a restart begins again."""
        self._removed = True

    async def problem(self) -> str:
        """What is wrong, as known for at most RECHECK_SECONDS; "" if nothing is.

        A Slack that does not answer is no reason: the bot waits for it and goes on.
        """
        if asyncio.get_running_loop().time() - self._asked_at >= RECHECK_SECONDS:
            with suppress(SlackError):
                await self.is_gone()
        return self._problem
