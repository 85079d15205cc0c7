"""A model that names the questions it answers and their files, and fails now and then."""

import re
from collections.abc import Iterator, Mapping
from itertools import count
from random import Random
from typing import Any

from slackbot.delivery import annotations
from slackbot.playground.fake_openai.script import (
    Refusal,
    Script,
    calls,
    calls_together,
    fails,
    says,
)

BAD_ANSWERS = 0.15
"""How many answers fail."""

TOOLS = 0.3
"""How often the model uses tools before it answers, or before it uses others."""

LONG = 11
"""Every such question has an answer that takes two messages."""

WHOLE = "that's all."
"""How an answer ends."""

QUESTION, ENCLOSED = "question {}", "enclosed {}"

_UNFETCHED = re.compile(r"\n\n⚠️ _“[^”]*” could not be fetched[^_]*_")
"""What stands under an answer where Slack would not give its question's file."""


def written(shown: str) -> str:
    """What the model wrote of a message, without the tools and the missing file under it."""
    return _UNFETCHED.sub("", shown).partition(annotations.TOOLS)[0].rstrip()


def is_whole(shown: str) -> bool:
    return written(shown).endswith(WHOLE)


def names(number: str) -> str:
    """How an answer names a question."""
    return f"<{number}>"


def names_file(number: str) -> str:
    """How an answer names a question's file."""
    return f"[{number}]"


class BadModel:
    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._keys = count()
        self.is_good = False

    def answer(self, request: Mapping[str, Any]) -> Script:
        if self._rng.random() < TOOLS and "tool_choice" not in request:
            return calls_together(*(self._call() for _ in range(self._rng.randint(1, 3))))
        asked = "\n".join(_last_asked(request))
        numbers = re.findall(QUESTION.format(r"(\d+)"), asked)
        files = re.findall(ENCLOSED.format(r"(\d+)"), asked)
        named = " ".join([*map(names, numbers), *map(names_file, files)])
        size = 3_000 if any(int(number) % LONG == 0 for number in numbers) else 40
        text = f"{named} " + "word " * self._rng.randint(1, size) + WHOLE
        script = Script(tuple({"content": piece} for piece in _pieces(text)))
        script = script.paced(0.02, first_after=0.02)
        if self.is_good or self._rng.random() > BAD_ANSWERS:
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
        """A tool call like no other."""
        key = f"call_{next(self._keys)}"
        seconds = self._rng.choice([0.0, 0.0, 0.2])
        return calls("note", f'{{"key": "{key}", ', f'"seconds": {seconds}}}', call_id=key)


def _last_asked(request: Mapping[str, Any]) -> Iterator[str]:
    """What people said since the last answer, with what they enclosed."""
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
