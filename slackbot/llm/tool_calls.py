"""What the agent knows of tools: their definitions, who calls them, and the rules of their use.

https://platform.openai.com/docs/guides/function-calling
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from slackbot.conversation.deltas import ToolReview
from slackbot.conversation.history import NOT_RUN, ToolCall
from slackbot.conversation.ids import ChannelId, TeamId, Ts, UserId
from slackbot.conversation.roles import Role
from slackbot.markdown.unicode import to_well_formed

MAX_TOOL_ROUNDS = 10
"""How often the model may call tools before it has to answer."""

MAX_CALLS_PER_ROUND = 16
"""How many calls of one round are run; they run together."""

MAX_ARGUMENTS_CHARACTERS = 200_000
"""Of one call, as JSON. Servers that repeat the arguments as a whole at their end send half."""

MAX_RESULT_CHARACTERS = 20_000
"""What the model reads of a tool's result: about five thousand tokens."""

MAX_DESCRIPTION_CHARACTERS = 1_024
"""Of a tool's description; OpenAI accepts no longer one."""

MAX_TOOL_NAME_CHARACTERS = 64

RESULT_CUT_OFF = "\n[The rest was cut off: {length:,} characters in all.]"
EMPTY_RESULT = "(The tool returned nothing.)"
"""Some servers refuse an empty text."""

TOO_MANY_CALLS = f"{NOT_RUN}, because more than {MAX_CALLS_PER_ROUND} tools were called at once."
INVALID_ARGUMENTS = (
    f"{NOT_RUN}, because the arguments are no JSON object with each key once and finite numbers. "
    "Call it again with one."
)
ARGUMENTS_TOO_LONG = (
    f"{NOT_RUN}, because the arguments are longer than {MAX_ARGUMENTS_CHARACTERS // 2:,} "
    "characters. Call it again with less."
)
TOO_MANY_OF_A_TOOL = (
    f"{NOT_RUN}, because this tool was used {{limit}} times already for this answer."
)
FAILED = "Error: the bot could not run this."
TOO_MANY_ROUNDS = f"{NOT_RUN}, because too many tools were used already. Answer with what you have."
STOPPED = "Error: a person stopped the answer before this had come to its end."
INTERRUPTED = (
    "Error: the bot was restarted before this had come to its end. Nobody knows whether it took "
    "effect: look before you call it again."
)
REJECTED = f"{NOT_RUN}, because the person did not agree. Don't call it again unasked."
REJECTED_WITHOUT_QUESTION = (
    f"{NOT_RUN}, because the person has declined several calls in a row. Answer without them."
)
APPROVAL_TIMED_OUT = f"{NOT_RUN}, because nobody confirmed it in time."
NO_BUTTONS = f"{NOT_RUN}, because Slack did not show the buttons to confirm it."
NOT_REPEATED = (
    f"{NOT_RUN}, because this only writes an earlier answer again, and the tool may change "
    "something. Answer with the results that you have. If they don't do, tell people to ask again."
)
NOT_FOR_THEM = f"{NOT_RUN}, because this tool is not for the person who asks."
TOO_LONG_TO_APPROVE = f"{NOT_RUN}, because the arguments are too long for a person to confirm them."


@dataclass(frozen=True, slots=True)
class ToolDefinition:
    """A tool as the model sees it. The name matches `^[a-zA-Z0-9_-]{1,64}$`."""

    name: str
    description: str
    parameters: Mapping[str, Any]
    """A JSON schema of type object."""
    requires_approval: bool = False
    """A person has to confirm each call."""
    role: Role = Role.MEMBER
    """The least role of those who can use it, and approve its calls."""
    read_only: bool = False
    """Its source says that it changes nothing."""
    review: ToolReview = "accepted"
    max_per_answer: int | None = None
    """How many calls of one answer are run; None for as many as there are."""

    @property
    def is_repeatable(self) -> bool:
        """Whether it may run again because somebody wants another answer."""
        return self.read_only and not self.requires_approval

    @property
    def size(self) -> int:
        """In bytes of UTF-8, as it counts in a request."""
        return len(json.dumps([self.name, self.description, self.parameters]).encode())


@dataclass(frozen=True, slots=True)
class Caller:
    """Whom a tool works for: a person, and where they asked. The model has no say in it."""

    user: UserId
    """The person's Slack user id."""
    channel: ChannelId
    """The id of the channel or direct message."""
    team: TeamId
    """The workspace's id."""
    thread: Ts = Ts("")
    """The ts of the thread's first message."""
    people: Mapping[UserId, str] = field(default_factory=dict)
    """The people in the thread: Slack user id -> the name the model knows them by."""
    role: Role = Role.OUTSIDER
    """The person's role in the workspace, at most a minute old when a tool begins to run; that of
    an outsider if Slack does not say.
    """


def beyond_limit(
    calls: Iterable[ToolCall], used: Iterable[ToolCall], tools: Iterable[ToolDefinition]
) -> Mapping[str, str]:
    """The results of calls that one answer has no more of, after those `used`, by their ids."""
    limits = {tool.name: tool.max_per_answer for tool in tools}
    counts, results = Counter(call.name for call in used), {}
    for call in calls:
        limit = limits.get(call.name)
        if limit is not None and counts[call.name] >= limit:
            results[call.id] = TOO_MANY_OF_A_TOOL.format(limit=limit)
        counts[call.name] += 1
    return results


def unknown_tool(name: str, tools: Iterable[ToolDefinition]) -> str:
    """What the model reads when it calls a tool that does not exist."""
    names = ", ".join(tool.name for tool in tools) or "none"
    return f"{NOT_RUN}, because there is no tool {name}. There are: {names}."


def truncate_result(result: str) -> str:
    """The result, with a note where it is cut off at MAX_RESULT_CHARACTERS, or is empty."""
    if not result.strip():
        return EMPTY_RESULT
    if len(result) <= MAX_RESULT_CHARACTERS:
        return to_well_formed(result)
    note = RESULT_CUT_OFF.format(length=len(result))
    return to_well_formed(result[: MAX_RESULT_CHARACTERS - len(note)]) + note
