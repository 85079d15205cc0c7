"""`slackbot serve`: the bot itself."""

import asyncio
import logging
import sys
from collections.abc import Mapping

import click

from slackbot import config, logs
from slackbot.cli import env_file
from slackbot.cli.garbage import collect_no_imports
from slackbot.cli.isolation import readers_prepared, require_isolation
from slackbot.cli.open_files import raise_open_files_limit
from slackbot.cli.signals import on_stop
from slackbot.errors import LostStoreError

logger = logging.getLogger(__name__)


@click.command
@click.pass_obj
def serve(environment: Mapping[str, str]) -> None:
    """Run the bot.

    On SIGTERM or Ctrl-C it takes no new work and finishes the replies under way, for at most
    SLACKBOT_GRACE seconds. A second signal ends it at once; the next start finishes the rest.

    If the database is gone for good, it logs that and ends at once, with exit code 1.
    """
    sys.exit(asyncio.run(serve_until_stopped(environment)))


async def serve_until_stopped(environment: Mapping[str, str]) -> int:
    """Returns the exit code: 1 if the bot could not go on, otherwise 0.

    Raises SlackbotError if a setting is wrong, or what it names does not work.
    """
    settings = config.parse(environment)
    logs.start(settings.log_level, settings.secrets)
    if (exposure := env_file.exposure()) is not None:
        logger.warning("%s", exposure)
    collect_no_imports()
    raise_open_files_limit()
    stop = asyncio.Event()
    code = 0
    here = asyncio.current_task()
    assert here is not None  # noqa: S101 - asyncio.run made it
    on_stop(here.cancel)
    from slackbot.startup import running  # noqa: PLC0415 - a wrong setting shows first

    try:
        await require_isolation(settings)
        async with running(settings) as service, readers_prepared(settings):
            on_stop(stop.set)
            click.echo(f"slackbot is connected\n{service}")
            await _stopped(stop, service.failed)
            on_stop(service.bot.abandon)
            if service.failed.done():
                service.bot.abandon()
        code = int(service.failed.done())
    except asyncio.CancelledError:  # while it was starting
        pass
    click.echo("slackbot has stopped")
    return code


async def _stopped(stop: asyncio.Event, failed: asyncio.Future[LostStoreError]) -> None:
    """Returns when the bot is told to stop, or can't go on."""
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait((stopping, failed), return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
