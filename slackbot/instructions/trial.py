"""Trying instructions before they are saved: one question, one answer, and nothing is kept."""

from slackbot.conversation.draft import Draft
from slackbot.conversation.history import Conversation, Turn, UserMessage
from slackbot.conversation.texts import EMPTY
from slackbot.errors import ModelError
from slackbot.llm.model import Model
from slackbot.llm.prompt_builder import PromptInputs, build_prompt


async def try_instructions(
    model: Model, name: str, instructions: str, question: str, budget: int
) -> str:
    """The answer of the model of that name, or why there is none; `budget` is in tokens."""
    conversation = Conversation((Turn((UserMessage("", question),)),))
    draft = Draft()
    try:
        request = build_prompt(PromptInputs(conversation, instructions), budget)
        async for delta in model.stream(request, model=name, cache_key=""):
            draft.add(delta)
    except ModelError as err:
        return f"{draft.text}\n\n{err.user_message}".strip()
    return draft.text.strip() or EMPTY
