"""`slackbot forget`: deletes what is stored of a person, a channel or a thread, and says what went.

It works beside a running bot: the database sees to it that the two don't meet.
"""

import re
from collections.abc import Callable, Mapping

from slackbot import config
from slackbot.conversation.message_links import find_message_link
from slackbot.errors import SlackbotError
from slackbot.store import open_store

_THREAD = re.compile(r"(?P<channel>\w+)/(?P<ts>\d+\.\d+)")


async def forget(
    environment: Mapping[str, str],
    say: Callable[[str], None],
    *,
    user: str | None = None,
    channel: str | None = None,
    thread: str | None = None,
) -> None:
    """One of the three is given; a thread as a link to any of its messages, or as CHANNEL/TS.

    Raises SlackbotError where it is none, or where the database can't be used.
    """
    where = None if thread is None else _thread(thread)
    store = await open_store(config.database_url(environment), beside=True)
    try:
        if user is not None:
            gone = await store.forget_user(user)
        elif channel is not None:
            gone = await store.forget_channel(channel)
        elif where is not None:
            gone = await store.forget_thread(*where)
    finally:
        await store.close()
    say(f"Deleted: {gone}.")


def _thread(named: str) -> tuple[str, str]:
    """The channel and the ts of one of the thread's messages."""
    if link := find_message_link(named):
        return link.channel, link.ts
    if pair := _THREAD.fullmatch(named):
        return pair["channel"], pair["ts"]
    raise SlackbotError(
        f"{named} is no thread: copy the link of one of its messages, or name it CHANNEL/TS."
    )
