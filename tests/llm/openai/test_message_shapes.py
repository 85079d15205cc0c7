"""A conversation in plainer shapes says the same, and strict servers take it."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slackbot.attachments.media_parts import ImageContent
from slackbot.conversation.history import Conversation, ToolCall
from slackbot.llm.openai import chat_request, message_shapes
from slackbot.llm.openai.feature_negotiation import SHAPES
from slackbot.llm.openai.message_shapes import (
    BEGUN_BY_BOT,
    GO_ON,
    NOTHING,
    UNANSWERED,
    ShapeFeature,
    alternating,
    shape_features,
    shaped,
)
from slackbot.llm.openai.request import OpenAIRequest
from slackbot.llm.prompt import Prompt, PromptMessage
from slackbot.llm.prompt_builder import PromptInputs, build_prompt
from slackbot.playground.fake_openai.strict_checks import Strictness, strict_problem
from tests.conversation.strategies import turns

RULES = PromptMessage("developer", "Be brief.")
ANA = PromptMessage("user", "Hello?", name="Ana")
BEN = PromptMessage("user", "Hi!", name="Ben")
ANSWER = PromptMessage("assistant", "Ahoy.")
PICTURE = ImageContent(b"abc", "image/png", 1, 1)
CALLS = (ToolCall("call_1", "add"), ToolCall("call_2", "add", '{"a": 1}'))
CALLING = PromptMessage("assistant", "Wait.", calls=CALLS)
RESULTS = (
    PromptMessage("tool", "1", call_id="call_1"),
    PromptMessage("tool", "", call_id="call_2"),
)

TAKEN_WITHOUT: Sequence[tuple[Strictness, frozenset[ShapeFeature]]] = [
    ("alternating_roles", frozenset({"repeated_roles"})),
    ("starts_with_user", frozenset({"repeated_roles"})),
    ("no_user_after_tool", frozenset({"repeated_roles"})),
    ("system_first", frozenset({"repeated_roles"})),
    ("no_system_role", frozenset({"system"})),
    ("no_blank_content", frozenset({"blank_content"})),
    ("single_calls", frozenset({"parallel_calls"})),
    ("nine_character_ids", frozenset({"long_call_ids"})),
    ("no_text_with_calls", frozenset({"text_with_calls"})),
]


def conversations() -> st.SearchStrategy[Conversation]:
    """All that can be stored, the bot's own first message too, with a question at the end that
    tools have been used for.
    """
    own = turns.map(lambda turn: replace(turn, messages=(), tool_rounds=()))
    asked = turns.map(lambda turn: replace(turn, answer=None))
    earlier = st.lists(turns | own, max_size=5)
    return st.builds(lambda them, last: Conversation((*them, last)), earlier, asked)


def built(conversation: Conversation) -> tuple[PromptMessage, ...]:
    return build_prompt(PromptInputs(conversation, "Be brief."), 1_000_000).messages


def sent(messages: Sequence[PromptMessage], without: frozenset[Any]) -> list[Any]:
    request = OpenAIRequest("tiny", Prompt(tuple(messages)))
    body: list[Any] = chat_request.body(request, without)["messages"]
    return body


@pytest.mark.parametrize(("strict", "without"), TAKEN_WITHOUT)
@given(conversation=conversations())
def test_each_shape_is_taken(
    strict: Strictness, without: frozenset[ShapeFeature], conversation: Conversation
) -> None:
    """Whatever a thread holds, a server takes it without the shape that it refuses."""
    messages = sent(built(conversation), without | {"developer"})
    assert strict_problem(messages, frozenset({strict})) is None


@given(conversations(), st.sets(st.sampled_from(get_args(ShapeFeature))))
def test_nothing_is_lost(conversation: Conversation, without: set[ShapeFeature]) -> None:
    """In no shape a text, a call or a result is missing."""
    messages = built(conversation)
    text = "\n".join(f"{m.content} {m.refusal}" for m in shaped(messages, without))
    for message in messages:
        assert message.content.strip() in text
        assert message.refusal.strip() in text
    calls = [call for each in shaped(messages, without) for call in each.calls]
    results = [each for each in shaped(messages, without) if each.role == "tool"]
    assert [call.arguments for call in calls] == [
        call.arguments for each in messages for call in each.calls
    ]
    assert len(results) == len(calls)
    assert {call.id for call in calls} == {each.call_id for each in results}


@given(conversations())
def test_turns_are_taken(conversation: Conversation) -> None:
    """A user begins, no two neighbours have one role, and a user or a result comes last."""
    instructions, *rest = alternating(built(conversation))
    assert instructions.role == "developer"
    assert rest[0].role == "user"
    assert rest[-1].role in {"user", "tool"}
    for one, other in pairwise(rest):
        assert one.role != other.role or one.role == "tool"
        assert (one.role, other.role) != ("tool", "user")
    assert alternating([instructions, *rest]) == [instructions, *rest]


@given(conversations())
def test_a_plain_conversation_uses_no_shape(conversation: Conversation) -> None:
    """What all shapes have been left out of makes use of none that could be refused again."""
    messages = shaped(built(conversation), SHAPES)
    assert {*shape_features(messages)} <= {
        "blank_content",
        "repeated_roles",
        "calls_without_reasoning",
    }


def test_neighbours() -> None:
    """What two people say becomes one message, with what they enclose."""
    seen = PromptMessage("user", "Ben: Look!", media=(PICTURE,))
    asked = PromptMessage("user", "Ana: Hello?")
    assert alternating([RULES, RULES, asked, seen, ANSWER, ANSWER, asked]) == [
        PromptMessage("developer", "Be brief.\n\nBe brief."),
        PromptMessage("user", "Ana: Hello?\n\nBen: Look!", media=(PICTURE,)),
        PromptMessage("assistant", "Ahoy.\n\nAhoy."),
        asked,
    ]


def test_gaps() -> None:
    """Where one of the two is missing, a short sentence stands in their place."""
    assert alternating([ANSWER]) == [
        PromptMessage("user", BEGUN_BY_BOT),
        ANSWER,
        PromptMessage("user", GO_ON),
    ]
    stopped = alternating([ANA, CALLING, *RESULTS, ANA])
    assert stopped[4] == PromptMessage("assistant", UNANSWERED)


def test_who_speaks() -> None:
    """Merged messages say who wrote which part, where there are several people."""
    both = sent([RULES, ANA, BEN], frozenset({"repeated_roles"}))
    assert both[1:] == [{"role": "user", "content": "Ana: Hello?\n\nBen: Hi!"}]
    alone = sent([RULES, ANA, ANA], frozenset({"repeated_roles"}))
    assert alone[1:] == [{"role": "user", "content": "Hello?\n\nHello?"}]


def test_instructions_in_the_question() -> None:
    """A model without a system role reads them at the beginning of the first message."""
    assert sent([RULES, ANA], frozenset({"system"})) == [
        {"role": "user", "content": "Be brief.\n\nHello?", "name": "Ana"}
    ]
    begun = sent([RULES, ANSWER, ANA], frozenset({"system"}))
    assert [each["role"] for each in begun] == ["user", "assistant", "user"]


def test_blank_texts() -> None:
    """Next to calls and pictures an empty text is left out; elsewhere it is a word."""
    silent = PromptMessage("assistant", "\n", calls=CALLS[1:])
    seen = PromptMessage("user", "", media=(PICTURE,))
    refusal = PromptMessage("assistant", "", refusal="I won't.")
    said = sent([seen, silent, RESULTS[1], refusal], frozenset({"blank_content"}))
    assert [part["type"] for part in said[0]["content"]] == ["image_url"]
    assert "content" not in said[1]
    assert said[2]["content"] == NOTHING
    assert said[3] == {"role": "assistant", "content": "I won't."}


def test_one_call_at_a_time() -> None:
    """Calls that were made together go back one after the other."""
    single = shaped([ANA, CALLING, *RESULTS], {"parallel_calls"})
    assert [(m.role, m.content, [c.id for c in m.calls]) for m in single[1:]] == [
        ("assistant", "Wait.", ["call_1"]),
        ("tool", "1", []),
        ("assistant", "", ["call_2"]),
        ("tool", "", []),
    ]


def test_short_ids() -> None:
    """An id of another server becomes one that Mistral takes, always the same; its own stay."""
    own = ToolCall("aB3xK9mP2", "add")
    once = shaped([PromptMessage("assistant", "", calls=(*CALLS, own))], {"long_call_ids"})
    assert [len(call.id) for call in once[0].calls] == [9, 9, 9]
    assert once[0].calls[2] == own
    assert [*shape_features(once)] == [
        "repeated_roles",
        "blank_content",
        "parallel_calls",
        "calls_without_reasoning",
    ]


def test_calls_without_reasoning() -> None:
    """Where a server wants to read what the model thought before its calls, there is a blank."""
    said = sent([ANA, CALLING, *RESULTS], frozenset({"calls_without_reasoning"}))
    assert said[1]["reasoning_content"] == chat_request.UNKNOWN_REASONING
    assert "reasoning_content" not in sent([ANA, CALLING, *RESULTS], frozenset())[1]


def test_what_is_used() -> None:
    """Most conversations of two make use of nothing that a strict server refuses."""
    assert [*shape_features([RULES, ANA, ANSWER, BEN])] == ["system"]
    assert [*shape_features([RULES, ANA, CALLING, *RESULTS])] == [
        "system",
        "blank_content",
        "parallel_calls",
        "long_call_ids",
        "text_with_calls",
        "calls_without_reasoning",
    ]
    assert message_shapes.is_blank(PromptMessage("user", " \n"))
