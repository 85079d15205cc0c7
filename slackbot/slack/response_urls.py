"""Answers to slash commands, posted to the address that came with the command.

https://docs.slack.dev/interactivity/handling-user-interaction#message_responses

Bolt's own `respond` opens a session for each answer, which does not go through our proxies.
"""

import logging

from slackbot.slack.api_calls import retrying
from slackbot.slack.client import WebClient
from slackbot.slack.file_downloads import TRANSFER_ERRORS, TRANSFER_TIMEOUT

logger = logging.getLogger(__name__)


async def respond(client: WebClient, url: str, text: str) -> None:
    """Shows a text to the person who wrote the command. A failure is logged."""
    try:
        status = await retrying(TRANSFER_ERRORS, _post, client, url, text)
    except TRANSFER_ERRORS as err:
        logger.warning("A command was not answered: %s", type(err).__name__)
    else:
        if status != 200:  # noqa: PLR2004
            logger.warning("A command was not answered: status %s", status)


async def _post(client: WebClient, url: str, text: str) -> int:
    session = client.session
    assert session is not None  # noqa: S101 - web_client() gives it one
    async with session.post(url, json={"text": text}, timeout=TRANSFER_TIMEOUT) as response:
        return response.status
