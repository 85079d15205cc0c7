"""OpenAI's models, and those of servers that speak its protocol.

Only this package imports OpenAI's library. It turns prompts into requests that the server takes,
and streams, errors and all, into the bot's own values.
"""

from slackbot.config import ModelSettings
from slackbot.llm.openai.audio import AudioModel
from slackbot.llm.openai.client import OPENAI_URL, Connection, Timeouts
from slackbot.llm.openai.images import ImageModel
from slackbot.llm.openai.model import OpenAIModel

__all__ = [
    "OPENAI_URL",
    "AudioModel",
    "ImageModel",
    "OpenAIModel",
    "open_audio",
    "open_images",
    "open_model",
]


def open_model(settings: ModelSettings) -> OpenAIModel:
    """To be closed when it is not needed any more."""
    model = OpenAIModel(
        name=settings.name,
        api_key=settings.api_key.get_secret_value(),
        base_url=settings.base_url,
        timeouts=Timeouts(settings.first_token_seconds, settings.stall_seconds),
        api=settings.api,
        network=settings.network,
    )
    model.max_answer_tokens = settings.max_answer_tokens
    return model


def open_audio(settings: ModelSettings) -> AudioModel:
    """To be closed when it is not needed any more."""
    return AudioModel(_connection(settings), settings.transcribe_model, settings.speech_model)


def open_images(settings: ModelSettings) -> ImageModel | None:
    """To be closed when it is not needed any more; None where no model is set that draws."""
    if not settings.image_model:
        return None
    return ImageModel(_connection(settings), settings.image_model)


def _connection(settings: ModelSettings) -> Connection:
    return Connection(
        settings.api_key.get_secret_value(),
        settings.base_url,
        settings.stall_seconds,
        network=settings.network,
    )
