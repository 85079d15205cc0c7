"""The tools that every bot has. They change nothing, and show nobody what they could not see: so
people of every role can use them.
"""

from typing import Protocol

from slackbot.tools.conversation_search import ConversationSearch, conversation_search_tool
from slackbot.tools.current_time import TimeZones, current_time_tool
from slackbot.tools.functions import FunctionTool
from slackbot.tools.message_link_reader import (
    MessageFormatter,
    VisibleThreads,
    message_link_tool,
)

BUILTIN_NAMES = frozenset(
    {"current_time", "read_slack_link", "search_conversations", "draw_picture"}
)
"""Also of the tool that is there only if pictures can be drawn."""


class Visibility(TimeZones, VisibleThreads, Protocol):
    """What a person can see in Slack. Its methods may raise SlackError."""


def builtin_tools(
    visibility: Visibility, search: ConversationSearch, format_message: MessageFormatter
) -> list[FunctionTool]:
    """All of them; `format_message` says how the model reads messages."""
    return [
        current_time_tool(visibility),
        message_link_tool(visibility, format_message),
        conversation_search_tool(search),
    ]
