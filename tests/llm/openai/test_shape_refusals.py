"""How servers say that they refuse the shape of a conversation: the words of real ones."""

from collections.abc import Sequence
from pathlib import Path
from typing import get_args

import pytest

from slackbot.llm.openai.request import Feature
from slackbot.llm.openai.shape_refusals import refused_shape

ALL: tuple[Feature, ...] = get_args(Feature)
ORDER: Sequence[Feature] = ("repeated_roles", "developer", "system", "tools")

ALTERNATE = "Conversation roles must alternate user/assistant/user/assistant/..."

LINES = Path(__file__).with_name("shape_refusals.txt").read_text().splitlines()


@pytest.mark.parametrize("line", LINES)
def test_named_shapes(line: str) -> None:
    """Each sentence names the shape that it is about."""
    feature, _, text = line.partition(": ")
    assert refused_shape(text, ALL) == feature


def test_one_after_the_other() -> None:
    """While a server says the same again, more is left out of what the roles are made of."""
    left = list(ALL)
    for feature in ORDER:
        assert refused_shape(ALTERNATE, left) == feature
        left.remove(feature)
    assert refused_shape(ALTERNATE, left) is None


@pytest.mark.parametrize(
    "text",
    [
        "Only user, assistant and system roles are supported!",
        "Unexpected message role.",
        "Unsupported value: 'messages[0].role' does not support 'developer'",
        "Something went wrong.",
        "Invalid content type. image_url is only supported by certain models.",
        "The system is overloaded. Alternatively, ask your user in turn.",
        "Images are not supported on this system.",
    ],
)
def test_other_refusals(text: str) -> None:
    """What is wrong with something else is no shape."""
    assert refused_shape(text, ALL) is None
