"""Whether the processes that read files are isolated as the settings want it."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from slackbot.config import Settings
from slackbot.errors import ConfigError, SlackbotError

logger = logging.getLogger(__name__)


async def check_isolation(settings: Settings) -> str:
    """What this machine grants, in a line.

    Raises ConfigError if SLACKBOT_SANDBOX requires more, SlackbotError if readers can't start.
    """
    # Imported here, as `serve` has the time for it only once Slack is asked.
    from slackbot.attachments.extraction.isolation import texts  # noqa: PLC0415
    from slackbot.attachments.extraction.reader_process import probe_isolation  # noqa: PLC0415

    isolation = await probe_isolation()
    if settings.sandbox == "required" and isolation.lacks:
        lacks = ", ".join(isolation.lacks)
        raise ConfigError("SLACKBOT_SANDBOX", texts.NOT_ISOLATED.format(lacks=lacks))
    return texts.describe(isolation)


async def require_isolation(settings: Settings) -> None:
    """Raises ConfigError where SLACKBOT_SANDBOX requires more than this machine grants."""
    if settings.sandbox == "required":
        await check_isolation(settings)


@asynccontextmanager
async def isolation_logged(settings: Settings) -> AsyncIterator[None]:
    """Finds out what this machine grants while the block runs, and logs it once."""
    logging_it = asyncio.create_task(_log_isolation(settings))
    try:
        yield
    finally:
        logging_it.cancel()
        await asyncio.gather(logging_it, return_exceptions=True)


async def _log_isolation(settings: Settings) -> None:
    try:
        logger.info("Files: %s", await check_isolation(settings))
    except SlackbotError as err:
        logger.warning("Files: %s", err.user_message)
