"""The prompts that tests send."""

from slackbot.attachments.media_parts import ImageContent
from slackbot.conversation.history import ToolCall
from slackbot.llm.prompt import Prompt, PromptMessage
from slackbot.llm.tool_calls import ToolDefinition

ADD = ToolDefinition("add", "Adds.", {"type": "object", "properties": {}})
CALL = ToolCall("call_1", "add", '{"a": 1}')
ASKED = (
    PromptMessage("developer", "Be brief."),
    PromptMessage("user", "Hello?", name="Ana"),
)
PICTURE = ImageContent(b"\x89PNG\r\n\x1a\n", "image/png", 1, 1)
PROMPT = Prompt(ASKED)
WITH_TOOLS = Prompt(ASKED, tools=(ADD,))
USED = (
    *ASKED,
    PromptMessage("assistant", "Wait.", calls=(CALL,)),
    PromptMessage("tool", "2", call_id="call_1"),
)
