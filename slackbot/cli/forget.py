"""`slackbot forget`: deletes what is stored about a person, a channel or a thread.

The bot may be running: both can use the database at the same time.
"""

import asyncio
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from slackbot import config
from slackbot.conversation.ids import ChannelId, Ts, UserId
from slackbot.conversation.message_links import find_message_link
from slackbot.errors import SlackbotError
from slackbot.store import open_store
from slackbot.store.thread_deletion import DeletionReport

_ID = re.compile(r"[A-Z0-9]+", re.ASCII)
_CHANNEL_AND_TS = re.compile(r"(?P<channel>\w+)/(?P<ts>\d+\.\d+)")


@click.command
@click.option("--user", metavar="U…", help="What a person said, and the answers to it.")
@click.option("--channel", metavar="C…", help="All conversations in a channel.")
@click.option(
    "--thread",
    metavar="LINK",
    help="One conversation: a link to one of its messages, or CHANNEL/TS.",
)
@click.pass_obj
def forget(
    environment: Mapping[str, str],
    user: UserId | None,
    channel: ChannelId | None,
    thread: str | None,
) -> None:
    """Delete what is stored about a person, a channel or a thread.

    Name one of the three. The bot may be running.
    """
    if [user, channel, thread].count(None) != 2:  # noqa: PLR2004 - all but one
        raise click.UsageError("Name one of --user, --channel and --thread.")
    _check_id(user, "a person, such as U0123ABCD: it is in the menu of the profile in Slack.")
    _check_id(channel, "a channel, such as C0123ABCD: it is in the channel's details in Slack.")
    message = None if thread is None else _parse_thread(thread)
    report, earlier = asyncio.run(_forget(config.database_url(environment), user, channel, message))
    click.echo(f"Deleted: {report}.")
    for file in earlier:
        click.echo(
            f"{file} is an earlier state of the database, and may still hold it: delete it.",
            err=True,
        )


async def _forget(
    database_url: str,
    user: UserId | None,
    channel: ChannelId | None,
    message: tuple[ChannelId, Ts] | None,
) -> tuple[DeletionReport, Sequence[Path]]:
    """Returns what was deleted, and the files in which nothing is deleted.

    One of the last three arguments is given; `message` is the channel and ts of a message in the
    thread. Raises StoreError.
    """
    store = await open_store(database_url, shared=True)
    try:
        if user is not None:
            report = await store.forget_user(user)
        elif channel is not None:
            report = await store.forget_channel(channel)
        else:
            assert message is not None  # noqa: S101 - as the docstring says
            report = await store.forget_thread(*message)
        return report, await store.earlier_files()
    finally:
        await store.close()


def _check_id(given: str | None, example: str) -> None:
    if given is not None and not _ID.fullmatch(given):
        raise SlackbotError(f"{given} is not the ID of {example}")


def _parse_thread(thread: str) -> tuple[ChannelId, Ts]:
    """The channel and ts of a message in the thread."""
    if link := find_message_link(thread):
        return link.channel, link.ts
    if match := _CHANNEL_AND_TS.fullmatch(thread):
        return ChannelId(match["channel"]), Ts(match["ts"])
    raise SlackbotError(
        f"{thread} is not a thread. Copy the link of one of its messages, or write CHANNEL/TS."
    )
