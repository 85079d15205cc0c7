"""The edge to the models, which all workspaces share."""

from contextlib import AsyncExitStack
from dataclasses import dataclass

from slackbot.config import ModelSettings
from slackbot.llm.openai import open_audio, open_images, open_model
from slackbot.llm.openai.audio import AudioModel
from slackbot.llm.openai.images import ImageModel
from slackbot.llm.openai.model import OpenAIModel


@dataclass(frozen=True, slots=True)
class Models:
    model: OpenAIModel
    audio: AudioModel
    images: ImageModel | None


def open_models(stack: AsyncExitStack, settings: ModelSettings) -> Models:
    """Opens them; they are closed with the stack."""
    models = Models(open_model(settings), open_audio(settings), open_images(settings))
    for each in (models.model, models.audio, models.images):
        if each is not None:
            stack.push_async_callback(each.close)
    return models
