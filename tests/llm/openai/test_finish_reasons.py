"""The reasons that servers give for the end of an answer, in their own words."""

import pytest

from slackbot.llm.openai.finish_reasons import FINISH_REASONS, meaning_of


@pytest.mark.parametrize(
    ("reason", "meaning"),
    [
        ("stop", "stop"),
        ("end_turn", "stop"),
        ("something new", "stop"),
        ("Max_Tokens", "length"),
        ("PROHIBITED_CONTENT", "content_filter"),
        ("error", "broken"),
    ],
)
def test_meanings(reason: str, meaning: str) -> None:
    """Case does not matter, and what nobody knows is an ordinary end."""
    assert meaning_of(reason) == meaning


def test_reasons_are_in_lower_case() -> None:
    """Otherwise they would not be found."""
    assert all(reason == reason.lower() for reason in FINISH_REASONS)
