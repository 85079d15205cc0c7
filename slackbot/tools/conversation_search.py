"""The tool that searches the stored conversations of a channel."""

import re
from collections.abc import Sequence
from typing import Annotated, Protocol

from pydantic import Field

from slackbot.conversation import turn_reads
from slackbot.conversation.history import Turn
from slackbot.conversation.ids import ChannelId, TeamId
from slackbot.conversation.messages import ThreadKey
from slackbot.conversation.roles import Role
from slackbot.errors import StoreError, ToolError
from slackbot.llm.tool_calls import Caller
from slackbot.markdown.speakers import indented
from slackbot.tools import texts
from slackbot.tools.functions import FunctionTool, ToolOptions
from slackbot.tools.timestamps import format_ts

MAX_WORDS = 20

MAX_TURNS = 10
"""How many turns a search returns: the newest."""

EXCERPT_CHARACTERS = 600
"""Of a message or an answer, from shortly before the first of the words."""

LEAD_CHARACTERS = 100
"""How many of them are before the word."""


class ConversationSearch(Protocol):
    async def search(
        self, team: TeamId, channel: ChannelId, words: Sequence[str], newest: int
    ) -> Sequence[tuple[ThreadKey, Turn]]:
        """The `newest` turns of a channel that contain all the words, oldest first.

        Raises StoreError.
        """


def conversation_search_tool(conversations: ConversationSearch) -> FunctionTool:
    async def search_conversations(
        caller: Caller,
        words: Annotated[str, Field(description="A turn has to contain all of these words.")],
    ) -> str:
        """Earlier questions to the assistant, and its answers, in other threads of this channel."""
        wanted = words.split()
        if not 0 < len(wanted) <= MAX_WORDS:
            raise ToolError(texts.NO_SEARCH_WORDS.format(most=MAX_WORDS))
        return await turn_reads.current().once(
            ("search", caller.channel, *wanted), lambda: search(caller, wanted)
        )

    async def search(caller: Caller, wanted: Sequence[str]) -> str:
        if not turn_reads.current().searches.take():
            raise ToolError(texts.TOO_MANY_SEARCHES)
        try:
            turns = await conversations.search(caller.team, caller.channel, wanted, MAX_TURNS + 1)
        except StoreError as err:
            raise ToolError(texts.SEARCH_UNAVAILABLE) from err
        found = [
            _format_turn(thread, turn, wanted)
            for thread, turn in turns
            if thread.ts != caller.thread
        ]
        return "\n\n".join(found[-MAX_TURNS:]) or texts.NOTHING_FOUND

    return FunctionTool(search_conversations, ToolOptions(role=Role.OUTSIDER, read_only=True))


def _format_turn(thread: ThreadKey, turn: Turn, words: Sequence[str]) -> str:
    lines = [
        f"{message.name}: {indented(excerpt_around(message.whole, words))}"
        for message in turn.messages
    ]
    if turn.answer is not None:
        lines.append(f"(answer) {indented(excerpt_around(turn.answer.text, words))}")
    ts = next((message.ts for message in turn.messages if message.ts), thread.ts)
    return "\n".join((f"[{format_ts(ts)}]", *lines))


def excerpt_around(text: str, words: Sequence[str]) -> str:
    """The part of a text around the first of these words; its beginning if it has none."""
    matches = (re.search(re.escape(word), text, re.IGNORECASE) for word in words)
    first = min((match.start() for match in matches if match is not None), default=0)
    start = max(0, min(first - LEAD_CHARACTERS, len(text) - EXCERPT_CHARACTERS))
    before = "…" if start else ""
    after = "…" if start + EXCERPT_CHARACTERS < len(text) else ""
    return f"{before}{text[start : start + EXCERPT_CHARACTERS]}{after}"
