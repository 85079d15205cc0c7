"""Which of a server's models are offered."""

from typing import Any

import pytest

from slackbot.llm.openai.model_list import chat_models


def listed(*names: Any) -> dict[str, Any]:
    return {"object": "list", "data": [{"id": name, "object": "model"} for name in names]}


@pytest.mark.parametrize(
    ("page", "names"),
    [
        (
            listed("gpt-6.2-sol", "text-embedding-4", "gpt-6-luna", "whisper-2", "omni-moderation"),
            ["gpt-6-luna", "gpt-6.2-sol"],
        ),
        (listed("Meta-Llama-4-8B-Instruct", "smollm2"), ["Meta-Llama-4-8B-Instruct", "smollm2"]),
        (listed("gpt-image-2", "gpt-realtime-2", "tts-2", "gpt-transcribe", "sora-3", "a"), ["a"]),
        (listed("nomic-embed-text"), ["nomic-embed-text"]),
        (listed("b", "a", "a", "", None, 7), ["a", "b"]),
        ({"data": "b"}, []),
        ({"data": ["b", None]}, []),
        ([], []),
        (None, []),
    ],
)
def test_models_that_talk(page: object, names: list[str]) -> None:
    """In order, each once, without those for something else; whatever else a server may send."""
    assert chat_models(page) == names
