"""`slackbot forget`: deletes what is stored about a person, a channel or a thread.

The bot may run meanwhile: the database keeps the two apart.
"""

import asyncio
import re
from collections.abc import Mapping

import click

from slackbot import config
from slackbot.conversation.message_links import find_message_link
from slackbot.errors import SlackbotError
from slackbot.store import open_store
from slackbot.store.forgetting import DeletionReport

_THREAD = re.compile(r"(?P<channel>\w+)/(?P<ts>\d+\.\d+)")


@click.command
@click.option("--user", metavar="U…", help="What a person said, and the answers to it.")
@click.option("--channel", metavar="C…", help="All conversations of a channel.")
@click.option(
    "--thread", metavar="LINK", help="One conversation: a link to a message of it, or CHANNEL/TS."
)
@click.pass_obj
def forget(
    environment: Mapping[str, str], user: str | None, channel: str | None, thread: str | None
) -> None:
    """Delete what is stored about a person, a channel or a thread.

    Name one of the three. The bot may run meanwhile.
    """
    if [user, channel, thread].count(None) != 2:  # noqa: PLR2004 - all but one
        raise click.UsageError("Name one of --user, --channel and --thread.")
    where = None if thread is None else _thread(thread)
    gone = asyncio.run(_forget(config.database_url(environment), user, channel, where))
    click.echo(f"Deleted: {gone}.")


async def _forget(
    database_url: str, user: str | None, channel: str | None, thread: tuple[str, str] | None
) -> DeletionReport:
    store = await open_store(database_url, shared=True)
    try:
        if user is not None:
            return await store.forget_user(user)
        if channel is not None:
            return await store.forget_channel(channel)
        assert thread is not None  # noqa: S101 - one of the three is given
        return await store.forget_thread(*thread)
    finally:
        await store.close()


def _thread(named: str) -> tuple[str, str]:
    """The channel and the ts of one of the thread's messages."""
    if link := find_message_link(named):
        return link.channel, link.ts
    if pair := _THREAD.fullmatch(named):
        return pair["channel"], pair["ts"]
    raise SlackbotError(
        f"{named} is no thread: copy the link of one of its messages, or name it CHANNEL/TS."
    )
