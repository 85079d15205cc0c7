"""The tools that every bot has. They change nothing, and show nobody what they could not see."""

from collections.abc import Sequence
from typing import Protocol

from slackbot.conversation.message_links import MessageLink
from slackbot.conversation.messages import Message
from slackbot.tools.conversation_search import ConversationSearch, conversation_search_tool
from slackbot.tools.current_time import current_time_tool
from slackbot.tools.functions import FunctionTool
from slackbot.tools.message_link_reader import MessageFormatter, message_link_tool


class Visibility(Protocol):
    """What a person can see in Slack. Its methods may raise SlackError."""

    async def thread(self, link: MessageLink, user: str, here: str) -> Sequence[Message] | None: ...

    async def zone(self, user: str) -> tuple[str, int] | None: ...


def builtin_tools(
    visibility: Visibility, search: ConversationSearch, format_message: MessageFormatter
) -> list[FunctionTool]:
    """All of them; `format_message` says how the model reads a message."""
    return [
        current_time_tool(visibility),
        message_link_tool(visibility, format_message),
        conversation_search_tool(search),
    ]
