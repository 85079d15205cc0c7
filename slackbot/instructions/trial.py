"""Tries instructions before they are saved: asks the model one question, and stores nothing."""

from slackbot.conversation.draft import Draft
from slackbot.conversation.history import Conversation, Turn, UserMessage
from slackbot.conversation.texts import EMPTY
from slackbot.errors import ModelError
from slackbot.llm.model import Model
from slackbot.llm.prompt_builder import PromptInputs, build_prompt


async def try_instructions(
    model: Model, name: str, instructions: str, question: str, budget: int
) -> str:
    """What the model of this name answers under the instructions, or why it does not.

    `budget` is the most tokens that the request takes.
    """
    conversation = Conversation((Turn((UserMessage("", question),)),))
    draft = Draft()
    try:
        request = build_prompt(PromptInputs(conversation, instructions), budget)
        async for delta in model.stream(request, model=name, cache_key=""):
            draft.add(delta)
    except ModelError as err:
        return f"{draft.text}\n\n{err.user_message}".strip()
    return draft.text.strip() or EMPTY
