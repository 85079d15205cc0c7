"""Sentences that people read about what a model or its server does.

Those for errors of the server stand in the table of `model_errors`.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Literal

from slackbot.config import ModelAddress
from slackbot.llm.openai.media import MediaFeature
from slackbot.llm.openai.request import Feature

MEDIA_NOT_TAKEN: Mapping[MediaFeature, str] = {
    "image_url": "This model can't see pictures: it was only told their names.",
    "file": "This model can't look at PDF documents, and there is one that holds no text.",
    "input_audio": "This model can't hear recordings: it was only told their names.",
}

MEDIA_OMITTED: Mapping[Literal["unreadable", "forbidden", "surplus"], str] = {
    "unreadable": "The model was not shown {name}: its server could not take it.",
    "forbidden": "The model was not shown {name}: its provider does not allow it.",
    "surplus": "The model was not shown {name}: its server takes no more pictures at a time.",
}
"""By the reason why one of the media was left out."""

SENT_INSTEAD: Mapping[Feature, str] = {
    "developer": "instructions as `system`",
    "system": "instructions in the first message",
    "repeated_roles": "neighbours in one message",
    "name": "names in the text",
    "blank_content": "no empty text next to tool calls",
    "long_call_ids": "call ids of nine characters",
    "stream_options": "no count of tokens",
    "max_completion_tokens": "the limit of an answer as `max_tokens`",
    "max_tokens": "no limit of an answer",
    "tools": "no tools",
    "image_url": "no pictures, and people are told",
}
"""What a server gets that refuses a feature, for those who run the bot."""

NO_TRANSCRIPTION_MODEL = (
    "This bot has no model that can listen (OPENAI_TRANSCRIBE_MODEL). Please tell an admin."
)

UNREADABLE_RECORDING = "The model's server can't read this recording."

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


def sent_instead(left_out: Collection[Feature]) -> Sequence[str]:
    """What a server gets instead of OpenAI's form, a phrase for each difference."""
    hidden = {"developer"} if "system" in left_out else set()
    hidden |= {"max_completion_tokens"} if "max_tokens" in left_out else set()
    return [
        words for name, words in SENT_INSTEAD.items() if name in left_out and name not in hidden
    ]
