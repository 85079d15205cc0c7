"""The question before a tool runs shows the whole call, and nothing that is not in it."""

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slackbot.conversation.deltas import ToolReview
from slackbot.conversation.history import ToolCall
from slackbot.delivery import texts
from slackbot.delivery.approval_question import approval_question

QUESTION = texts.APPROVAL_QUESTION.format(name="sink")

WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=9)

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.floats(-9, 9) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=9,
)


def shown(arguments: str) -> str:
    """What stands between the fences."""
    asked = approval_question(ToolCall("1", "sink", arguments))
    assert asked is not None
    assert asked.startswith(f"{QUESTION}\n\n```\n")
    assert asked.endswith("\n```")
    return asked.removeprefix(f"{QUESTION}\n\n```\n").removesuffix("\n```")


def decoded(arguments: str) -> Any:
    """The JSON that is shown, with its long escapes as JSON has them."""
    pairs = re.sub(
        r"\\u\{([0-9a-f]+)\}",
        lambda found: json.dumps(chr(int(found[1], 16)))[1:-1],
        arguments,
    )
    return json.loads(pairs)


@given(st.dictionaries(WORDS, VALUES, max_size=3))
def test_the_question_shows_what_runs(arguments: dict[str, Any]) -> None:
    """Whatever the arguments are, nested and in any writing, they can be read from the question."""
    assert decoded(shown(json.dumps(arguments))) == arguments
    assert decoded(shown(json.dumps(arguments, ensure_ascii=False))) == arguments


def test_one_argument_a_line() -> None:
    """Each item stands on a line of its own, and what is invisible is an escape."""
    arguments = (
        '{"ship": "Änne\\u200b\\u007f", "crew": ["a", {}, []], "when": {"day": 3}, "x": null}'
    )
    assert shown(arguments) == (
        "{\n"
        ' "ship": "Änne\\u200b\\u007f",\n'
        ' "crew": [\n  "a",\n  {},\n  []\n ],\n'
        ' "when": {\n  "day": 3\n },\n'
        ' "x": null\n'
        "}"
    )


@pytest.mark.parametrize("number", ["1.10", "0.1000000000000000055", "1e3", "-0", "9" * 40])
def test_numbers_as_the_tool_reads_them(number: str) -> None:
    """A number is shown digit by digit: a tool may read it exactly."""
    assert shown(f'{{"sum": {number}}}') == f'{{\n "sum": {number}\n}}'


def test_keys_that_stand_twice() -> None:
    """Each of them is shown."""
    assert shown('{"to": "a", "to": "b"}') == '{\n "to": "a",\n "to": "b"\n}'


def test_the_longest_question() -> None:
    """Arguments of 2,500 characters are shown, and of one more they are not; escapes count."""
    room = 2_500 - len('{\n "a": ""\n}')
    for text, asked in (("x" * room, True), ("x" * (room + 1), False), ("\u200b" * room, False)):
        call = ToolCall("1", "sink", json.dumps({"a": text}))
        assert (approval_question(call) is not None) == asked


@pytest.mark.parametrize(
    "arguments", ['{"a":' + "[" * 900 + "]" * 900 + "}", "{" + " " * 30_000 + "}"]
)
def test_arguments_that_nobody_reads(arguments: str) -> None:
    """Deep nesting and white space without end are too long to be shown."""
    assert approval_question(ToolCall("1", "sink", arguments)) is None


def test_backticks_end_no_question() -> None:
    """The fence ends the code, whatever the arguments hold."""
    assert shown('{"a": "```` and ``"}') == '{\n "a": "\\u0060\\u0060\\u0060\\u0060 and ``"\n}'


@pytest.mark.parametrize("review", ["changed", "new"])
def test_a_tool_that_no_admin_has_accepted(review: ToolReview) -> None:
    """The question says so in one line, above the arguments."""
    asked = approval_question(ToolCall("1", "sink", "{}"), review)
    assert asked == f"{QUESTION}\n{texts.APPROVAL_REASONS[review]}\n\n```\n{{}}\n```"
