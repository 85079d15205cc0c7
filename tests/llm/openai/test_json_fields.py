"""JSON that may hold anything is read without an error."""

from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slackbot.llm.openai.json_fields import MAX_NUMBER, count, field, number, text

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ab"), inner, max_size=2)
    ),
)


@given(json_values)
def test_anything_can_be_read(value: object) -> None:
    """What is missing, or of another type, is empty; what is there is what was sent."""
    assert isinstance(text(value, "a"), str)
    assert abs(number(value, "a")) <= MAX_NUMBER
    assert 0 <= count(value, "a") <= MAX_NUMBER
    if isinstance(value, dict) and isinstance(value.get("a"), str):
        assert text(value, "a") == field(value, "a") == value["a"]
    else:
        assert text(value, "a") == ""
    if not isinstance(value, dict):
        assert field(value, "a") is None


def test_numbers() -> None:
    """A number that was sent is that number."""
    assert number({"a": 5}, "a") == 5
    assert number({"a": -5}, "a") == -5
    assert number({"a": 5.0}, "a") == 5
    assert number({"a": "5"}, "a") == 0


@pytest.mark.parametrize("odd", [True, 5.5, 10**400, -(10**400), 1e300, inf, nan])
def test_odd_numbers(odd: object) -> None:
    """What is no number that JSON can be relied on to hold is 0, and no count is below that."""
    assert number({"a": odd}, "a") == 0
    assert count({"a": -5}, "a") == 0
