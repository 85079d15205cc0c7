"""The stand-in model, which answers in the playground while no real model is connected.

It says what it is, repeats the question, and explains how to get a real answer, at the pace of a
real model.
"""

from collections.abc import Mapping
from typing import Any

from slackbot.playground.fake_openai.chat_completion import text_of
from slackbot.playground.fake_openai.script import Script, says

SECONDS_PER_WORD = 0.04
FIRST_WORD_AFTER_SECONDS = 0.3
MAX_QUOTED_CHARACTERS = 300
"""How many characters of the question it repeats."""


def stand_in(request: Mapping[str, Any]) -> Script:
    """Returns a short friendly answer to the person's last message."""
    messages = request.get("messages") or request["input"]
    questions = [message for message in messages if message.get("role") == "user"]
    asked = text_of(questions[-1]).strip() if questions else ""
    greeting = (
        f"Hello {questions[-1]['name']}!" if questions and "name" in questions[-1] else "Hello!"
    )
    quoted = "\n".join(f"> {line}" for line in _shortened(asked).splitlines())
    turns = len(questions)
    return says(
        f"{greeting} I am the *built-in stand-in model*, not a real one, so I can only repeat what "
        f"you asked:\n\n{quoted or '> (nothing)'}\n\n"
        f"That was message {turns} of yours in this conversation. To talk to a real model:\n\n"
        "1. Put your key into the environment or a `.env` file: `OPENAI_API_KEY=sk-…`\n"
        "2. For a server that is not OpenAI's, add its address as `OPENAI_BASE_URL` "
        "and a model of its as `OPENAI_MODEL`\n"
        "3. Start me again"
    ).paced(SECONDS_PER_WORD, FIRST_WORD_AFTER_SECONDS)


def _shortened(text: str) -> str:
    return (
        text if len(text) <= MAX_QUOTED_CHARACTERS else f"{text[:MAX_QUOTED_CHARACTERS].rstrip()}…"
    )
