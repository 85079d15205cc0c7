"""Thoughts between tags are no part of an answer, however it is divided into pieces."""

from collections.abc import Iterable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slackbot.conversation.deltas import RetractDelta
from slackbot.llm.openai.thoughts import (
    LONE_CLOSINGS,
    TAGS,
    ThoughtFilter,
)

WORDS = st.sampled_from(
    ["Hm", " ", "\n", "Hello", "`", "```\n", ".", '"', "İ", "<", "think", "analysis"]
)
TAGGED = st.lists(WORDS | st.sampled_from([*TAGS, *TAGS.values(), *LONE_CLOSINGS]), max_size=12)


def remaining(pieces: Iterable[str], *, is_opened: bool = False) -> str:
    """What people read in the end."""
    thoughts = ThoughtFilter(is_opened=is_opened)
    shown = [delta for piece in pieces for delta in thoughts.feed(piece)]
    shown += thoughts.end()
    text = ""
    for delta in shown:
        text = "" if isinstance(delta, RetractDelta) else text + delta.text
    return text


@given(TAGGED.map("".join), st.lists(st.integers(0, 100)), st.booleans())
def test_any_pieces(text: str, cuts: list[int], is_opened: bool) -> None:  # noqa: FBT001
    """The same text leaves the same answer, in one piece, in single characters, and in others."""
    whole = remaining([text], is_opened=is_opened)
    places = [0, *sorted(cuts), len(text)]
    pieces = [text[a:b] for a, b in pairwise(places)]
    assert remaining(pieces, is_opened=is_opened) == whole
    assert remaining(text, is_opened=is_opened) == whole
    assert remaining([text], is_opened=not is_opened) == whole


@given(st.text())
def test_other_texts(text: str) -> None:
    """A text without tags stays as it is."""
    assert remaining(text) == text


@pytest.mark.parametrize("opening", TAGS)
@pytest.mark.parametrize("form", ["{}Hm.\n{}\n\nHello", "\n{} Hm{}Hello", "{}{}\nHello"])
def test_tags(opening: str, form: str) -> None:
    """Every tag is known, in any case of letters."""
    for each in (opening, opening.upper()):
        assert remaining([form.format(each, TAGS[opening])]) == "Hello"


@pytest.mark.parametrize("closing", LONE_CLOSINGS)
def test_a_closing_tag_alone(closing: str) -> None:
    """What comes before it was a thought, however it is written."""
    for form in ("Hm.\n{}\n\nHello", "Hm.{}Hello", "Hm. {} Hello", "{}\n\nHello"):
        assert remaining(form.format(closing)) == "Hello"


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("<think>a</think><think>b</think>Hello", "Hello"),
        ("<think>a</think>Hello <think>b</think>", "Hello <think>b</think>"),
        ("<think>I say <b>x</b> & </thin</think>Hello", "Hello"),
        ("<think>never closed", ""),
        ("<think>", ""),
        ("<thin", "<thin"),
        (
            "<|channel|>analysis<|message|>Hm<|end|><|start|>assistant" + LONE_CLOSINGS[-2] + "Hi",
            "Hi",
        ),
        ("<|channel|>final<|message|>Hello", "Hello"),
        ("analysisWe greet.assistantfinalHello", "Hello"),
        ("Hm</think>", ""),
        ("  Hello", "  Hello"),
        (" \n", " \n"),
    ],
)
def test_what_remains(text: str, answer: str) -> None:
    """Thoughts at the beginning go, one after the other; a thought without an end goes too."""
    assert remaining(text) == answer


@pytest.mark.parametrize(
    "text",
    [
        "Use `<think>` and `</think>` around it.",
        "Close it with `</think>` and go on.",
        'Close it with "</think>" and go on.',
        "It ends with </think>.",
        "First <think>, then </think> and the answer.",
        "```html\n<p>\n</think>\n</p>\n```\nThat is all.",
        "An example:\n~~~\nHm\n</think>\nHello\n~~~",
        "I think <thinking> is a tag.",
        "Hello <think>aside</think> you",
        "<thinker> is no tag",
        "[thinking aloud] Hello",
    ],
)
def test_answers_about_tags(text: str) -> None:
    """An answer that is about these tags is shown as it is."""
    assert remaining([text]) == text
    assert remaining(text) == text


def test_what_is_held_back() -> None:
    """Where thoughts are known to have no opening tag nothing of them is ever shown."""
    thoughts = ThoughtFilter(is_opened=True)
    assert [*thoughts.feed("Hm"), *thoughts.feed(".</think>")] == []
    shown = [*thoughts.feed("\n\nHel"), *thoughts.feed("lo"), *thoughts.end()]
    assert RetractDelta() not in shown
    assert thoughts.closed_alone is True


def test_lessons() -> None:
    """A filter tells whether its response began with such a thought, if it can know."""
    for text, is_opened, expected in (
        ("Hm</think>Hello", False, True),
        ("Hm</think>Hello", True, True),
        ("Hello", True, False),
        ("Hello", False, None),
        ("", True, None),
        ("<think>Hm</think>Hello", True, None),
    ):
        thoughts = ThoughtFilter(is_opened=is_opened)
        shown = [*thoughts.feed(text), *thoughts.end()]
        assert bool(shown) == bool(text)
        assert thoughts.closed_alone is expected
