"""The model that answers; the rest of the bot sees only a Model."""

from slackbot.config import ModelSettings
from slackbot.models.openai import OpenAIModel


def open_model(settings: ModelSettings) -> OpenAIModel:
    """To be closed when it is not needed any more."""
    return OpenAIModel(
        name=settings.name,
        api_key=settings.api_key,
        base_url=settings.base_url,
        stall=settings.stall,
        api=settings.api,
    )
