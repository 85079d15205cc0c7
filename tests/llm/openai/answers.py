"""Asks a model, and gathers what it streams."""

from slackbot.conversation.deltas import ModelDelta
from slackbot.conversation.draft import Draft
from slackbot.llm.openai.model import OpenAIModel
from slackbot.llm.prompt import Prompt
from slackbot.playground.fake_openai.script import Script


async def streamed(model: OpenAIModel, prompt: Prompt) -> list[ModelDelta]:
    return [delta async for delta in model.stream(prompt)]


async def drafted(model: OpenAIModel, prompt: Prompt, cache_key: str = "") -> Draft:
    draft = Draft()
    async for delta in model.stream(prompt, cache_key=cache_key):
        draft.add(delta)
    return draft


def failing_response(code: str) -> Script:
    """A response that ends as failed before it says anything."""
    return Script(({"failed": {"code": code, "message": "Oh."}},), finish=None)
