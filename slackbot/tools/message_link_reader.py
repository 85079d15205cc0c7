"""The tool that reads the thread behind a link to a Slack message."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, Protocol

from pydantic import Field

from slackbot.conversation import turn_reads
from slackbot.conversation.ids import ChannelId, Ts, UserId
from slackbot.conversation.message_links import MessageLink, find_message_link
from slackbot.conversation.messages import Message
from slackbot.conversation.roles import Role
from slackbot.errors import (
    DeliveryError,
    RateLimitedError,
    ReadLimitError,
    SlackError,
    ToolError,
)
from slackbot.llm.tool_calls import MAX_RESULT_CHARACTERS, Caller
from slackbot.markdown.speakers import indented
from slackbot.tools import texts
from slackbot.tools.functions import FunctionTool, ToolOptions
from slackbot.tools.timestamps import format_ts

MAX_MESSAGES = 200
"""How many messages of a thread are read: those around the linked one."""

MAX_THREAD_CHARACTERS = MAX_RESULT_CHARACTERS - 200
"""The rest of a result is for the lines that say that messages were left out."""

MessageFormatter = Callable[[Sequence[Message], UserId], Awaitable[Sequence[str]]]
"""What each message says and who wrote it, as the model reads it for a person."""


class VisibleThreads(Protocol):
    async def thread(
        self, link: MessageLink, user: UserId, here: ChannelId
    ) -> Sequence[Message] | None:
        """The messages of a linked thread, if `user` can see it and it may be read in the channel
        `here`; None otherwise. Raises SlackError: a DeliveryError says why the bot can't see it.
        """


def message_link_tool(threads: VisibleThreads, format_message: MessageFormatter) -> FunctionTool:
    async def read_slack_link(
        caller: Caller,
        link: Annotated[str, Field(description="https://….slack.com/archives/C…/p…")],
    ) -> str:
        """The thread that a link to a Slack message leads to, if the person who asks can see it."""
        target = find_message_link(link)
        if target is None:
            raise ToolError(texts.NOT_A_LINK)
        return await turn_reads.current().once(
            (caller.user, caller.channel, target), lambda: read(caller, target)
        )

    async def read(caller: Caller, target: MessageLink) -> str:
        try:
            messages = await threads.thread(target, caller.user, caller.channel)
        except DeliveryError as err:
            raise ToolError(texts.LINK_REFUSALS.get(err.code, texts.LINK_NOT_VISIBLE)) from err
        except RateLimitedError as err:
            raise ToolError(texts.SLACK_LIMITS.format(seconds=err.retry_after)) from err
        except ReadLimitError as err:
            raise ToolError(texts.TOO_MANY_READS) from err
        except SlackError as err:
            raise ToolError(texts.SLACK_UNREACHABLE) from err
        if not messages:
            raise ToolError(texts.LINK_NOT_VISIBLE)
        return await _excerpt(messages, target.ts, lambda near: format_message(near, caller.user))

    return FunctionTool(read_slack_link, ToolOptions(role=Role.OUTSIDER, read_only=True))


async def _excerpt(
    messages: Sequence[Message],
    linked_ts: Ts,
    read: Callable[[Sequence[Message]], Awaitable[Sequence[str]]],
) -> str:
    """The messages around the linked one, a line each, as many as a result takes."""
    center = next(
        (number for number, message in enumerate(messages) if message.ts == linked_ts),
        len(messages) - 1,
    )
    near = window([1] * len(messages), center, MAX_MESSAGES)
    lines = []
    nearest = messages[near.start : near.stop]
    for message, text in zip(nearest, await read(nearest), strict=True):
        mark = texts.LINKED_MESSAGE if message.ts == linked_ts else ""
        lines.append(f"[{format_ts(message.ts)}]{mark} {indented(text)}")
    sizes = [len(line) + len("\n") for line in lines]
    shown = window(sizes, center - near.start, MAX_THREAD_CHARACTERS)
    before = [texts.EARLIER_MESSAGES_OMITTED] if near.start + shown.start > 0 else []
    after = [texts.LATER_MESSAGES_OMITTED] if near.start + shown.stop < len(messages) else []
    return "\n".join((*before, *lines[shown.start : shown.stop], *after))


def window(sizes: Sequence[int], center: int, max_size: int) -> range:
    """The largest window around an item whose sizes add up to at most `max_size`.

    It grows on both sides by turns, as long as there are items. The item itself is always in it.
    """
    start, stop, room = center, center + 1, max_size - sizes[center]
    grows = True
    while grows:
        grows = False
        if stop < len(sizes) and sizes[stop] <= room:
            room, stop, grows = room - sizes[stop], stop + 1, True
        if start > 0 and sizes[start - 1] <= room:
            room, start, grows = room - sizes[start - 1], start - 1, True
    return range(start, stop)
