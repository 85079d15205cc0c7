"""How servers say that they refuse the shape of a conversation.

The words are those of real servers: the chat templates of Mistral, Gemma, Qwen and Llama behind
llama.cpp, vLLM, SGLang and TGI; the APIs of Mistral, Anthropic, Bedrock, Gemini, Moonshot and
DeepSeek; and gateways that pass them on.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from slackbot.llm.openai.request import Feature


@dataclass(frozen=True, slots=True)
class ShapeRefusal:
    """`features` are what to leave out, one after the other, while a server says the same again:
    most templates know no `developer` and no tools, and say only that the roles are wrong.
    """

    features: Sequence[Feature]
    pattern: re.Pattern[str]


def _refusal(features: Sequence[Feature], *patterns: str) -> ShapeRefusal:
    return ShapeRefusal(features, re.compile("|".join(patterns), re.IGNORECASE | re.DOTALL))


_SYSTEM = r"""(\bsystem (role|message|prompt|instruction)s?\b|["'`]system["'`])"""

SHAPE_REFUSALS = (
    _refusal(["long_call_ids"], r"\btool[ _]call[ _]id\b.{0,200}\blength of 9\b"),
    _refusal(
        ["parallel_calls"],
        r"\bsingle tool[- ]calls?\b",
        r"\b(parallel|multiple) (tool|function)[- ]call",
    ),
    _refusal(["text_with_calls"], r"\beither content or tool_calls,? but not both\b"),
    _refusal(
        ["calls_without_reasoning"],
        r"\breasoning_content\b.{0,80}\b(missing|required|must be)\b",
    ),
    _refusal(
        ["blank_content"],
        r"\bcontentblock object\b.{0,80}\bblank\b",
        r"\bcontent field\b.{0,80}\bempty\b",
        r"\bcontent blocks must (be non-empty|contain non-whitespace)\b",
        r"\bnon-?empty content\b",
        r"\b(content|text|messages?|input)\b.{0,60}"
        r"\b(must|should|can) ?not be (an )?(empty|blank)\b",
        r"\b(content|text) (is|was) (empty|blank)\b",
        r"\b(empty|blank) (content|messages?|text)\b",
        r"\beither content or tool_calls,? but not none\b",
        r"\bat least one (content element|parts? field)\b",
        r"\bmust have a text parameter\b",
    ),
    _refusal(
        ["system"],
        rf"{_SYSTEM}.{{0,40}}(\bnot|n't|\bnever) (be )?(supported|allowed|enabled|permitted)\b",
        rf"(\bnot|n't) support.{{0,40}}{_SYSTEM}",
        rf"\bunsupported.{{0,20}}{_SYSTEM}",
        r"\bdeveloper instructions? (is|are) not enabled\b",
    ),
    _refusal(
        ["repeated_roles", "developer", "system", "tools"],
        r"\balternat(e|es|ing|ion)\b.{0,80}\b(roles?|user|turns?)\b",
        r"\broles?\b.{0,40}\balternat",
        r"\bunexpected role\b.{0,30}\bafter role\b",
        r"\bexpected last role\b",
        r"\b(first message|conversation) must (use|start|begin|be|have)\b.{0,40}\buser\b",
        r"\b(start|begin|end)s? with a? ?user\b",
        r"\blast message must\b.{0,40}\b(user|tool)\b",
        r"\bending with a model turn\b",
        r"\bsystem messages? (must|should|can only) be (at the beginning|first|the first)\b",
        r"\b(function|tool) (call|response) turn comes immediately after\b",
    ),
)
"""The surest words first."""


def refused_shape(text: str, left: Collection[Feature]) -> Feature | None:
    """What to leave out, of what is `left`, as an error's text demands it."""
    named = (each.features for each in SHAPE_REFUSALS if each.pattern.search(text))
    return next((feature for each in named for feature in each if feature in left), None)
