"""Whether the processes that read files are isolated as the settings want it.

What reads files is imported when it is needed: `serve` has the time for it once Slack is asked.
"""

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
async def readers_prepared(settings: Settings) -> AsyncIterator[None]:
    """While the block runs, logs what readers are granted, and makes them start faster."""
    preparing = asyncio.create_task(_prepare_readers(settings))
    try:
        yield
    finally:
        preparing.cancel()
        await asyncio.gather(preparing, return_exceptions=True)


async def _prepare_readers(settings: Settings) -> None:
    from slackbot.attachments.extraction.reader_process import write_bytecode  # noqa: PLC0415

    try:
        logger.info("Files: %s", await check_isolation(settings))
    except SlackbotError as err:
        logger.warning("Files: %s", err.user_message)
    await write_bytecode()
