"""Recognises the messages that a recorded call has posted, among those of a thread. Pure."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from slackbot.conversation.ids import Ts
from slackbot.conversation.post_intent import PostIntent, StreamBeginning
from slackbot.delivery.reply_transport import FoundMessage
from slackbot.slack.events import author_of
from slackbot.slack.identity import Identity
from slackbot.slack.reply_metadata import message_id_of

SURE_LETTERS = 12
"""How many letters and digits are enough to recognise a text by its beginning."""

_MARKUP = re.compile(
    r"""
    \]\([^)\s]* | <[^<>|\s]*\| | https?://[^\s<>|)]*  # where a link leads
    | :[a-z0-9_+-]+:                                    # an emoji's name
    | &(?:amp|lt|gt);
    | ```\w*                                            # the language of code
    """,
    re.VERBOSE,
)
"""What Slack writes in another way than Markdown does."""


def posted_messages(
    entries: Sequence[Mapping[str, Any]], intent: PostIntent, me: Identity
) -> list[FoundMessage]:
    """Returns the message that the call may have posted, and others of its reply.

    `entries` are messages as Slack gives them. Others can forge metadata, so only the bot's own
    messages count.
    """
    ours = [
        entry
        for entry in entries
        if author_of(entry, me) == "me" and str(entry["ts"]) > intent.since
    ]
    found = _found_by_metadata(ours, intent.key)
    if intent.stream is not None and not holds(found, intent.number):
        found += _found_streams(ours, intent.number, intent.stream)
    return found


def holds(found: Sequence[FoundMessage], number: int) -> bool:
    """Returns whether the message with this number in its reply is among those found."""
    return any(each.number == number for each in found)


def _found_by_metadata(entries: Sequence[Mapping[str, Any]], key: str) -> list[FoundMessage]:
    ids = [(message_id_of(entry), Ts(str(entry["ts"]))) for entry in entries]
    return [FoundMessage(each.number, ts) for each, ts in ids if each and each.key == key]


def _found_streams(
    entries: Sequence[Mapping[str, Any]], number: int, beginning: StreamBeginning
) -> list[FoundMessage]:
    """The stream that began like this: the first message that can be it."""
    streams = [
        Ts(str(entry["ts"]))
        for entry in entries
        if not (entry.get("metadata") or entry.get("files")) and _is_stream(entry, beginning)
    ]
    return [FoundMessage(number, ts) for ts in sorted(streams)[:1]]


def _is_stream(entry: Mapping[str, Any], beginning: StreamBeginning) -> bool:
    """Whether a message of ours without metadata is the stream that began like this.

    It may be another program's with the bot's token, a tool's or an MCP server's, which is left
    alone. Slack documents the field `streaming_state` for the answer of chat.stopStream alone
    (https://docs.slack.dev/reference/methods/chat.stopStream). Where a thread's messages have it,
    only a stream does. Otherwise its tasks decide, by their IDs, or its text: nothing more is sent
    to a stream before its ts is recorded, so it shows what it began with.
    """
    if entry.get("streaming_state") or not _task_ids(entry.get("blocks")).isdisjoint(
        beginning.tasks
    ):
        return True
    sent, shown = _letters(beginning.text), _letters(str(entry.get("text") or ""))
    if len(sent) >= SURE_LETTERS:
        return shown.startswith(sent)
    return bool(sent) and shown == sent


def _task_ids(blocks: Any) -> set[str]:
    """https://docs.slack.dev/reference/block-kit/blocks/task-card-block, in a plan or by itself."""
    if isinstance(blocks, list):
        return {task for each in blocks for task in _task_ids(each)}
    if not isinstance(blocks, dict):
        return set()
    inner = {task for each in blocks.values() for task in _task_ids(each)}
    return inner | {str(blocks["task_id"])} if "task_id" in blocks else inner


def _letters(text: str) -> str:
    """The letters and digits of a text, without what formatting changes."""
    return "".join(filter(str.isalnum, _MARKUP.sub("", text)))
