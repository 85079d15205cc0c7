"""JSON that may hold anything is read without an error."""

from math import inf, nan
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slackbot.json_fields import (
    MAX_NUMBER,
    count_in,
    field,
    list_in,
    number_in,
    object_in,
    objects_in,
    text_in,
)

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ab"), inner, max_size=2)
    ),
)


@given(json_values)
def test_anything_can_be_read(value: object) -> None:
    """What is missing, or of another type, is empty; what is there is what was sent."""
    found = field(value, "a")
    assert text_in(value, "a") == (found if isinstance(found, str) else "")
    assert object_in(value, "a") == (found if isinstance(found, dict) else {})
    assert str(list_in(value, "a")) == str(found if isinstance(found, list) else [])
    assert all(isinstance(each, dict) for each in objects_in(value, "a"))
    assert abs(number_in(value, "a")) <= MAX_NUMBER
    assert 0 <= count_in(value, "a", most=9) <= 9


def test_fields() -> None:
    """A field of the right type is given as it is."""
    data: dict[str, Any] = {"text": "x", "object": {"a": 1}, "list": [{"a": 1}, None, 2]}
    assert text_in(data, "text") == "x"
    assert object_in(data, "object") == {"a": 1}
    assert list_in(data, "list") == [{"a": 1}, None, 2]
    assert objects_in(data, "list") == [{"a": 1}]


def test_numbers() -> None:
    """A number that was sent is that number; a count is within its bounds."""
    assert number_in({"a": 5}, "a") == count_in({"a": 5}, "a") == 5
    assert number_in({"a": -5}, "a") == -5
    assert number_in({"a": 5.0}, "a") == 5
    assert number_in({"a": "5"}, "a") == 0
    assert count_in({"a": -5}, "a") == 0
    assert count_in({"a": 10}, "a", most=9) == 9


@pytest.mark.parametrize("odd", [True, 5.5, 10**400, -(10**400), 1e300, inf, nan])
def test_odd_numbers(odd: object) -> None:
    """What is no number that JSON can be relied on to hold is 0."""
    assert number_in({"a": odd}, "a") == count_in({"a": odd}, "a") == 0
