"""Sentences that people read about what a model or its server does.

Those for errors of the server stand in the table of `model_errors`.
"""

from collections.abc import Mapping

from slackbot.config import ModelAddress
from slackbot.llm.openai.media import MediaFeature

MEDIA_NOT_TAKEN: Mapping[MediaFeature, str] = {
    "image_url": "This model can't see pictures: it was only told their names.",
    "file": "This model can't look at PDF documents, and there is one that holds no text.",
    "input_audio": "This model can't hear recordings: it was only told their names.",
}

MEDIA_FORBIDDEN = "The model was not shown the attachments: its provider does not allow them."

MEDIA_FAILED = "The model was not shown the attachments: its server could not take them this time."

NO_TRANSCRIPTION_MODEL = (
    "This bot has no model that can listen (OPENAI_TRANSCRIBE_MODEL). Please tell an admin."
)

IMAGE_REFUSED = "The model refuses to draw that: it may break its provider's rules."

NOT_AN_IMAGE = "The model's server sent something that is not a picture."


def no_chat_completions(address: ModelAddress) -> str:
    """Completes a sentence that begins with OPENAI_BASE_URL, for those who run the bot."""
    hint = (
        "copy the address again from your server's documentation."
        if address.path.endswith("/v1")
        else "does it have to end in /v1?"
    )
    return f"has no chat completions at {address.url}/chat/completions: {hint}"
