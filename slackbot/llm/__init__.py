"""Language models: requests that fit their budget of tokens, and the rules of tool calls.

`openai` speaks to OpenAI and compatible servers; nothing outside of it imports their library.
"""

from slackbot.llm.model import Model
from slackbot.llm.prompt import Prompt, PromptMessage
from slackbot.llm.prompt_builder import PromptInputs, build_prompt, remaining_tokens
from slackbot.llm.tool_call_assembler import ToolCallAssembler
from slackbot.llm.tool_calls import Caller, ToolDefinition
from slackbot.llm.tool_offer import RunnableTool, ToolOffer, Tools

__all__ = [
    "Caller",
    "Model",
    "Prompt",
    "PromptInputs",
    "PromptMessage",
    "RunnableTool",
    "ToolCallAssembler",
    "ToolDefinition",
    "ToolOffer",
    "Tools",
    "build_prompt",
    "remaining_tokens",
]
