"""How the errors of servers are understood that refuse a feature."""

from typing import get_args

import pytest

from slackbot.llm.openai.feature_negotiation import FeatureNegotiation
from slackbot.llm.openai.request import Feature

FEATURES: tuple[Feature, ...] = get_args(Feature)


@pytest.mark.parametrize(
    ("text", "feature"),
    [
        ("Unsupported value: 'messages[0].role' does not support 'developer'", "developer"),
        ("Unexpected message role.", "developer"),
        ("Only user, assistant and system roles are supported!", "developer"),
        ("Unrecognized request argument supplied: stream_options", "stream_options"),
        ("'messages.1' : property 'name' is unsupported", "name"),
        ("Invalid 'messages[1].name': string does not match pattern.", "name"),
        ('json: unknown field "name"', "name"),
        ("messages[1]: unknown field `name`, expected `role` or `content`", "name"),
        ("Extra fields: name", "name"),
        ("property name is not allowed", "name"),
        ("Unsupported parameter: 'max_tokens' is not supported", "max_completion_tokens"),
        ("Could not finish the message because max_tokens was reached", "max_completion_tokens"),
        ("Invalid content type. image_url is only supported by certain models.", "image_url"),
        ("image input is not supported - hint: you may need to provide the mmproj", "image_url"),
        ("This model does not support image inputs.", "image_url"),
        ("Invalid content type. file is only supported by certain models.", "file"),
        ("Unknown part type: file", "file"),
        ("unsupported content[].type", "file"),
        ("'messages.1.content.1' : one of ('text', 'file') expected", "file"),
        ("Invalid content type. input_audio is only supported by certain models.", "input_audio"),
        ("This model does not support audio input.", "input_audio"),
        ("Audio with ID audio_0123456789 not found.", "audio_id"),
        ("Invalid value for messages[2].audio.id", "audio_id"),
        ("Unknown parameter: 'modalities'.", "audio"),
        ("This model does not support audio output.", "audio"),
        ("tiny is not a multimodal model: multimodal input is not supported", "image_url"),
    ],
)
def test_named_features(text: str, feature: Feature) -> None:
    """The words in which servers have been seen to refuse a feature."""
    form = FeatureNegotiation(FEATURES, frozenset(), proven=FEATURES)
    assert form.adapt(text)
    assert form.without == {feature}


@pytest.mark.parametrize(
    "text",
    [
        "Invalid model name 'tiny'",
        "The model name is unknown.",
        "Unknown model in parameter model: name one that exists",
        "The file name is too long.",
        "You uploaded an unsupported image. Please make sure your image is valid.",
        '<meta name="viewport">',
        "The developers are on holiday.",
    ],
)
def test_common_words(text: str) -> None:
    """A word that only happens to occur names no feature."""
    form = FeatureNegotiation(FEATURES, frozenset(), proven=FEATURES)
    assert not form.adapt(text)
