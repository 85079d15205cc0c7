"""Fields of Slack's JSON that have another type than the documentation says."""

from typing import Any

import pytest

from slackbot.slack.json_fields import number_in, object_in, objects_in, text_in


@pytest.mark.parametrize("value", [None, 1.5, "", [], {}, [1, "x", None]])
def test_odd_fields(value: Any) -> None:
    """A field of another type counts as missing."""
    data = {"a": value}
    assert text_in(data, "a") == text_in({}, "a") == ""
    assert object_in(data, "a") == object_in({}, "a") == {}
    assert objects_in(data, "a") == objects_in({}, "a") == []
    assert number_in(data, "a", most=9) == number_in({}, "a", most=9) == 0


def test_fields() -> None:
    """A field of the right type is given as it is; a number within its bounds."""
    data = {"text": "x", "object": {"a": 1}, "list": [{"a": 1}, None], "number": 10, "less": -1}
    assert text_in(data, "text") == "x"
    assert object_in(data, "object") == {"a": 1}
    assert objects_in(data, "list") == [{"a": 1}]
    assert [number_in(data, name, most=9) for name in ("number", "less")] == [9, 0]
