"""Attacks by texts that a simple algorithm takes hours over, while everything else stands still.

Each test ends within a moment, or never.
"""

import pytest

from slackbot.llm.openai.thoughts import ThoughtFilter
from slackbot.markdown.fences import digits_of, fence_code
from slackbot.markdown.rendering import to_slack, to_slack_stream
from slackbot.markdown.splitting import split_pages

DOCUMENT_CHARACTERS = 400_000
ANSWER_CHARACTERS = 600_000


def test_document_of_accents() -> None:
    """Accents above and below one letter are not sorted to find the digits of a document."""
    accents = DOCUMENT_CHARACTERS // 2
    document = "1a" + "\u0301" * accents + "\u0323" * accents + "2"
    assert digits_of(document) == "12"
    assert fence_code("a.txt", document)


@pytest.mark.parametrize("sign", "*~`\\")
def test_row_of_marks(sign: str) -> None:
    """A long row of marks in the middle of a growing answer is passed once."""
    answer = f"a {sign * ANSWER_CHARACTERS} b"
    assert to_slack_stream(answer) == to_slack(answer) == answer


def test_row_of_flags() -> None:
    """Where an answer can be cut is found although a row of flags stands before."""
    flags, rest = "\U0001f1e9\U0001f1ea" * (ANSWER_CHARACTERS // 4), "a\u0301" * 200_000
    assert "".join(split_pages(flags + rest, 500_000)) == flags + rest


@pytest.mark.parametrize("characters", [20, 10**9])
def test_quoted_closing_tags(characters: int) -> None:
    """An answer in code that quotes the end of a thought 50,000 times is shown as it is."""
    answer = "a `" + "</think>x " * (ANSWER_CHARACTERS // 10)
    thoughts = ThoughtFilter()
    pieces = (answer[at : at + characters] for at in range(0, len(answer), characters))
    shown = [delta for piece in pieces for delta in thoughts.feed(piece)]
    shown += thoughts.end()
    assert "".join(getattr(each, "text", "") for each in shown) == answer
