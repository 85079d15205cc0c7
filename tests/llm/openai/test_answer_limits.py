import pytest

from slackbot.llm.openai.answer_limits import (
    ANSWER_TOKENS,
    EVENTS_PER_TOKEN,
    MAX_ANSWER_SECONDS,
    MIN_EVENTS,
    REASONING_ANSWER_TOKENS,
    ReceivedEvents,
    default_answer_tokens,
)


@pytest.mark.parametrize(
    "name",
    [
        "gpt-6-luna",
        "gpt-6.2-sol",
        "gpt-5.4-mini",
        "o3",
        "openai/o4-mini",
        "gpt-oss:20b",
        "GPT-6",
        "deepseek-r1:8b",
        "Qwen3-8B",
        "qwq-32b",
        "kimi-k2-thinking",
        "phi-4-reasoning",
    ],
)
def test_a_model_that_thinks_gets_more(name: str) -> None:
    """What a model thinks counts in its answer's tokens."""
    assert default_answer_tokens(name) == REASONING_ANSWER_TOKENS


@pytest.mark.parametrize(
    "name", ["gpt-4o", "gpt-4.1-mini", "llama3.2", "gpt-audio-1.5", "", "pro1"]
)
def test_any_other_model(name: str) -> None:
    """Others get what OpenAI's models without thoughts can write in one answer."""
    assert default_answer_tokens(name) == ANSWER_TOKENS


def test_events_without_end() -> None:
    """A server that goes on after the tokens it was asked for is not listened to any longer."""
    events = ReceivedEvents(1_000, began=0.0)
    assert not any(events.is_too_much(1.0) for _ in range(1_000 * EVENTS_PER_TOKEN))
    assert events.is_too_much(1.0)
    assert events.exceeded


def test_few_tokens() -> None:
    """An answer of few tokens may come with many events that say nothing."""
    events = ReceivedEvents(1, began=0.0)
    assert not any(events.is_too_much(1.0) for _ in range(MIN_EVENTS))


def test_an_hour() -> None:
    """A server may send a sign of life now and then; after an hour the answer has ended."""
    events = ReceivedEvents(1_000, began=5.0)
    assert not events.is_too_much(5.0 + MAX_ANSWER_SECONDS)
    assert events.is_too_much(5.1 + MAX_ANSWER_SECONDS)
