"""Asks a model and folds its deltas into a draft."""

from slackbot.conversation.draft import Draft
from slackbot.llm.openai.model import OpenAIModel
from slackbot.llm.prompt import Prompt


async def drafted(model: OpenAIModel, prompt: Prompt, cache_key: str = "") -> Draft:
    draft = Draft()
    async for delta in model.stream(prompt, cache_key=cache_key):
        draft.add(delta)
    return draft
