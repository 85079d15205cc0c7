"""Scripts of answers in the forms of servers that differ from OpenAI's.

A delta may hold a whole `choice` or a whole `chunk`: it is sent as it is.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from slackbot.playground.fake_openai.script import DeltaJson, Script, words


def in_parts(text: str, thought: str = "") -> Script:
    """Streams lists of parts, the thought before the text, as Mistral's Magistral models do.

    https://docs.mistral.ai/capabilities/reasoning
    """
    parts: list[dict[str, Any]] = [
        {"type": "thinking", "thinking": [{"type": "text", "text": word}]}
        for word in words(thought)
    ]
    parts += [{"type": "text", "text": word} for word in words(text)]
    return Script(tuple({"content": [part]} for part in parts))


def reasons(thought: str, field: str = "reasoning_content") -> Script:
    """Streams a thought in a field of its own: DeepSeek's and vLLM's is `reasoning_content`,
    OpenRouter's `reasoning`, Ollama's `thinking` and `reasoning`.
    """
    return Script(tuple({"content": None, field: word} for word in words(thought)))


def as_messages(script: Script) -> Script:
    """Puts each delta of a script where a whole answer has its `message`."""
    return _in_choices(script, ({"index": 0, "message": dict(delta)} for delta in script.deltas))


def as_texts(text: str) -> Script:
    """Streams a text as the older Completions API does."""
    return _in_choices(Script(), ({"index": 0, "text": word} for word in words(text)))


def finishes_early(text: str, *, finish: str = "stop", after: int = 1) -> Script:
    """Streams a text whose finish reason comes with its piece number `after`, and not at the end.

    The stream ends with [DONE].
    """
    choices = (
        {"index": 0, "delta": {"content": word}, "finish_reason": finish if n == after else None}
        for n, word in enumerate(words(text), 1)
    )
    return _in_choices(Script(finish=""), choices)


def fails_in_choice(text: str, message: str) -> Script:
    """Streams a text, then an error next to a choice, as OpenRouter does.

    https://openrouter.ai/docs/api-reference/errors
    """
    choice = {
        "index": 0,
        "delta": {"content": ""},
        "finish_reason": "error",
        "error": {"code": 502, "message": message},
    }
    deltas: Sequence[DeltaJson] = [{"content": word} for word in words(text)]
    return Script((*deltas, {"choice": choice}), finish="")


def calls_whole(*calls: DeltaJson, finish: str = "stop") -> Script:
    """Calls tools, each whole in a chunk of its own: `calls` are sent as they are, as Ollama and
    Gemini's compatibility layer do, without ids or with the same index.
    """
    return Script(tuple({"tool_calls": [call]} for call in calls), finish=finish)


def _in_choices(script: Script, choices: Iterator[DeltaJson]) -> Script:
    return replace(script, deltas=tuple({"choice": choice} for choice in choices))
