"""The tools that every bot has. They change nothing, and show nobody what they could not see."""

import re
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import Annotated, Protocol

from pydantic import Field

from slackbot.conversation.history import Turn
from slackbot.conversation.message_links import MessageLink, find_message_link
from slackbot.conversation.messages import Message, ThreadKey
from slackbot.errors import SlackError, StoreError, ToolError
from slackbot.llm.tool_calls import MAX_RESULT_CHARACTERS, Caller
from slackbot.tools.functions import FunctionTool, ToolOptions

MOST_MESSAGES = 200
"""How many messages of a thread are read: those around the one that a link is to."""

LONGEST_THREAD = MAX_RESULT_CHARACTERS - 200
"""Characters of them; the rest is for what says that there are more."""

EARLIER = "(Earlier messages of this thread were left out.)"
LATER = "(Later messages of this thread were left out.)"

FINDS = 10
"""How many turns a search gives back, the newest."""

EXCERPT = 600
"""Characters of what was found, from shortly before the first of the words."""

LEAD = 100
"""So many characters before it."""

NOT_SEEN = (
    "There is no such message, or the person who asks can't see it, or I can't. Messages of "
    "private channels are read there, and in direct messages, alone."
)
NO_ANSWER = "Slack does not say that at the moment."


class Visibility(Protocol):
    """What people can see. May raise SlackError."""

    async def thread(self, link: MessageLink, user: str, here: str) -> Sequence[Message] | None: ...

    async def zone(self, user: str) -> tuple[str, int] | None: ...


class ConversationSearch(Protocol):
    async def search(
        self, team: str, channel: str, words: Sequence[str], newest: int
    ) -> Sequence[tuple[ThreadKey, Turn]]:
        """The newest turns of a channel that hold all the words, oldest first.

        May raise StoreError.
        """


ReadMessage = Callable[[Message], Awaitable[str]]
"""What a message says, and by whom, as the model is to read it."""


def builtin(
    visibility: Visibility, records: ConversationSearch, read: ReadMessage
) -> list[FunctionTool]:
    """All of them."""

    async def current_time(
        caller: Caller,
        person: Annotated[
            str, Field(description="Name of a person of this conversation; empty: who asks.")
        ] = "",
    ) -> str:
        """The date and the time now, where a person is."""
        user = _named(person, caller)
        try:
            zone = await visibility.zone(user)
        except SlackError as err:
            raise ToolError(NO_ANSWER) from err
        name, offset = zone or ("UTC", 0)
        now = datetime.now(timezone(timedelta(seconds=offset)))
        return f"{now:%A, %Y-%m-%d %H:%M} in {name} (UTC{now:%z})"

    async def read_slack_link(
        caller: Caller,
        link: Annotated[str, Field(description="https://….slack.com/archives/C…/p…")],
    ) -> str:
        """The thread that a link to a Slack message leads to, if the person who asks can see it."""
        meant = find_message_link(link)
        if meant is None:
            raise ToolError("That is no link to a message in Slack.")
        try:
            messages = await visibility.thread(meant, caller.user, caller.channel)
        except SlackError as err:
            raise ToolError(NO_ANSWER) from err
        if not messages:
            raise ToolError(NOT_SEEN)
        at = next((n for n, it in enumerate(messages) if it.ts == meant.ts), len(messages) - 1)
        near = around([1] * len(messages), at, MOST_MESSAGES)
        lines = [await _line(messages[n], read, meant.ts) for n in near]
        shown = around([len(line) + 1 for line in lines], at - near.start, LONGEST_THREAD)
        before = [EARLIER] if near.start + shown.start > 0 else []
        after = [LATER] if near.start + shown.stop < len(messages) else []
        return "\n".join((*before, *(lines[n] for n in shown), *after))

    async def search_conversations(
        caller: Caller,
        words: Annotated[str, Field(description="All of these words have to be there.")],
    ) -> str:
        """What was said to the assistant before, and answered, in other threads of this channel."""
        wanted = words.split()
        if not wanted:
            raise ToolError("Say which words to look for.")
        try:
            found = await records.search(caller.team, caller.channel, wanted, FINDS + 1)
        except StoreError as err:
            raise ToolError("The stored conversations can't be read at the moment.") from err
        others = [_found(*each, wanted) for each in found if each[0].ts != caller.thread][-FINDS:]
        return "\n\n".join(others) or "Nothing was found."

    escape_mentions = ToolOptions()
    return [
        FunctionTool(function, escape_mentions)
        for function in (current_time, read_slack_link, search_conversations)
    ]


def around(sizes: Sequence[int], at: int, room: int) -> range:
    """Which of a row stand around the one at that place and fit into the room together with it: as
    many before as behind it, as long as there are any.
    """
    start, stop, room = at, at + 1, room - sizes[at]
    grows = True
    while grows:
        grows = False
        if stop < len(sizes) and sizes[stop] <= room:
            room, stop, grows = room - sizes[stop], stop + 1, True
        if start > 0 and sizes[start - 1] <= room:
            room, start, grows = room - sizes[start - 1], start - 1, True
    return range(start, stop)


def _named(person: str, caller: Caller) -> str:
    """The user id of somebody who takes part in the conversation."""
    if not person:
        return caller.user
    wanted = person.removeprefix("@").casefold()
    for user, name in caller.people.items():
        if wanted in (name.casefold(), user.casefold()):
            return user
    there = ", ".join(sorted(caller.people.values()))
    raise ToolError(f"Nobody here is called {person}. There are: {there}.")


async def _line(message: Message, read: ReadMessage, meant: str) -> str:
    sign = " (the message that the link is to)" if message.ts == meant else ""
    return f"[{_when(message.ts)}]{sign} {await read(message)}"


def _found(thread: ThreadKey, turn: Turn, words: Sequence[str]) -> str:
    lines = [f"{said.name}: {_excerpt(said.whole, words)}" for said in turn.messages]
    if turn.answer is not None:
        lines.append(f"(answer) {_excerpt(turn.answer.text, words)}")
    when = next((said.ts for said in turn.messages if said.ts), thread.ts)
    return "\n".join((f"[{_when(when)}]", *lines))


def _excerpt(text: str, words: Sequence[str]) -> str:
    """The part of a text in which the first of these words stands; its beginning without any."""
    found = (re.search(re.escape(word), text, re.IGNORECASE) for word in words)
    first = min((match.start() for match in found if match is not None), default=0)
    start = max(0, min(first - LEAD, len(text) - EXCERPT))
    before, after = "…" if start else "", "…" if start + EXCERPT < len(text) else ""
    return f"{before}{text[start : start + EXCERPT]}{after}"


def _when(ts: str) -> str:
    return datetime.fromtimestamp(float(ts), UTC).strftime("%Y-%m-%d %H:%M UTC")
