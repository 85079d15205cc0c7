"""A model that names the questions and files it answers, and fails at random."""

import re
from collections.abc import Iterator, Mapping
from itertools import count
from random import Random
from typing import Any

from benchmarks.chaos.questions import find_questions
from slackbot.delivery import annotations
from slackbot.playground.fake_openai.script import (
    Refusal,
    Script,
    calls,
    calls_together,
    fails,
    says,
)

FAILURE_RATE = 0.15
"""The share of answers that fail."""

TOOL_CALL_RATE = 0.3
"""The share of requests that the model answers with tool calls."""

LONG_ANSWER_EVERY = 11
"""Every such question gets an answer of two messages."""

ENDING = "that's all."
"""How an answer ends."""

FILE_CONTENT = "content of file {}"

_UNFETCHED = re.compile(r"\n\n⚠️ _“[^”]*” could not be fetched[^_]*_")
"""The note under an answer whose question's file could not be downloaded."""


def model_text(shown: str) -> str:
    """Returns the model's part of a message, without the notes under it."""
    return _UNFETCHED.sub("", shown).partition(annotations.TOOLS_MARKER)[0].rstrip()


def is_whole(shown: str) -> bool:
    return model_text(shown).endswith(ENDING)


def file_label(number: object) -> str:
    """Returns how an answer names a question's file."""
    return f"[{number}]"


class FaultyModel:
    """Answers, calls tools, or fails; once `is_healthy` is true it no longer fails."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._call_numbers = count()
        self.is_healthy = False

    def answer(self, request: Mapping[str, Any]) -> Script:
        if self._rng.random() < TOOL_CALL_RATE and "tool_choice" not in request:
            return calls_together(*(self._call() for _ in range(self._rng.randint(1, 3))))
        asked = "\n".join(_last_asked(request))
        questions = list(find_questions(asked))
        files = re.findall(FILE_CONTENT.format(r"(\d+)"), asked)
        named = " ".join([*(each.label for each in questions), *map(file_label, files)])
        size = 3_000 if any(each.number % LONG_ANSWER_EVERY == 0 for each in questions) else 40
        text = f"{named} " + "word " * self._rng.randint(1, size) + ENDING
        script = Script(tuple({"content": piece} for piece in _pieces(text)))
        script = script.paced(0.02, first_after=0.02)
        if self.is_healthy or self._rng.random() > FAILURE_RATE:
            return script
        somewhere = self._rng.randrange(len(script.deltas))
        return self._rng.choice(
            [
                script.dropped(after=somewhere),
                script.garbled(after=somewhere),
                script.ending(None),
                script.failed(somewhere, Refusal(500, "The server had an error.")),
                fails(500),
                fails(429, code="rate_limit_exceeded", retry_after=0.1),
                fails(401, code="invalid_api_key"),
                says(""),
            ]
        )

    def _call(self) -> Script:
        """Returns a tool call with a unique key."""
        key = f"call_{next(self._call_numbers)}"
        seconds = self._rng.choice([0.0, 0.0, 0.2])
        return calls("note", f'{{"key": "{key}", ', f'"seconds": {seconds}}}', call_id=key)


def _last_asked(request: Mapping[str, Any]) -> Iterator[str]:
    """Yields what people said since the last answer, with the content of their files."""
    for message in reversed(request["messages"]):
        if message["role"] == "assistant" and "tool_calls" not in message:
            return
        if message["role"] == "user":
            content = message["content"]
            parts = [{"text": content}] if isinstance(content, str) else content
            yield from (part["text"] for part in parts)


def _pieces(text: str) -> Iterator[str]:
    size = max(30, len(text) // 30)
    for start in range(0, len(text), size):
        yield text[start : start + size]
