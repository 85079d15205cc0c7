"""The model that answers; the rest of the bot sees only a Model."""

from slackbot.config import ModelSettings
from slackbot.llm.openai.audio import AudioModel
from slackbot.llm.openai.client import connect
from slackbot.llm.openai.images import ImageModel
from slackbot.llm.openai.model import OpenAIModel


def open_model(settings: ModelSettings) -> OpenAIModel:
    """To be closed when it is not needed any more."""
    return OpenAIModel(
        name=settings.name,
        api_key=settings.api_key.get_secret_value(),
        base_url=settings.base_url,
        stall=settings.stall_seconds,
        api=settings.api,
    )


def open_audio(settings: ModelSettings) -> AudioModel:
    """The same."""
    client = connect(settings.api_key.get_secret_value(), settings.base_url, settings.stall_seconds)
    return AudioModel(client, settings.transcribe_model, settings.speech_model)


def open_images(settings: ModelSettings) -> ImageModel | None:
    """The same; None where no model is set that draws."""
    if not settings.image_model:
        return None
    client = connect(settings.api_key.get_secret_value(), settings.base_url, settings.stall_seconds)
    return ImageModel(client, settings.image_model)
