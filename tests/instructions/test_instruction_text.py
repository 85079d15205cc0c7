"""Which texts can be stored as instructions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slackbot.errors import InstructionsError
from slackbot.instructions.instruction_text import normalize_text, validate_instructions
from slackbot.instructions.limits import MAX_INSTRUCTIONS_CHARS


@pytest.mark.parametrize("text", ["", " \n\t ", "\x00\x1b", "\u200b \u2060", "\u202e"])
def test_empty_texts(text: str) -> None:
    """A text of blanks, control characters and invisible characters is refused as empty."""
    with pytest.raises(InstructionsError, match="are empty"):
        validate_instructions(text)


def test_control_characters() -> None:
    """Line breaks and tabs stay, other control characters go, and half a pair is replaced."""
    assert normalize_text(" a\r\nb\tc\x00\x1b[1m\rd\u200b ") == "a\nb\tc[1m\nd\u200b"
    assert normalize_text("half a pair: \ud800") == "half a pair: \ufffd"


def test_the_longest_text() -> None:
    """12,000 characters are taken, and stored as they are."""
    longest = "x" * 12_000
    assert validate_instructions(longest) == longest
    with pytest.raises(InstructionsError, match="12,001 characters"):
        validate_instructions(f"{longest}x")


@given(st.integers(1, MAX_INSTRUCTIONS_CHARS + 5), st.integers(0, 20))
def test_the_limit(length: int, existing: int) -> None:
    """The limit counts the whole text; beyond it, the sentence says how long the text is."""
    total = length + (existing + 1 if existing else 0)
    if total <= MAX_INSTRUCTIONS_CHARS:
        assert len(validate_instructions("x" * length, "y" * existing)) == total
    else:
        with pytest.raises(InstructionsError, match=f"{total:,} characters.*limit is 12,000"):
            validate_instructions("x" * length, "y" * existing)
