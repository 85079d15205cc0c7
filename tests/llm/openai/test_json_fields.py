"""JSON that may hold anything is read without an error."""

from hypothesis import given
from hypothesis import strategies as st

from slackbot.llm.openai.json_fields import field, number, text

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
    assert isinstance(number(value, "a"), int)
    if isinstance(value, dict) and isinstance(value.get("a"), str):
        assert text(value, "a") == field(value, "a") == value["a"]
    else:
        assert text(value, "a") == ""
    if not isinstance(value, dict):
        assert field(value, "a") is None


def test_numbers() -> None:
    """A number that was sent is that number."""
    assert number({"a": 5}, "a") == 5
    assert number({"a": "5"}, "a") == 0
