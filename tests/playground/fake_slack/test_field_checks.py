from typing import Any

import pytest

from slackbot.playground.fake_slack.errors import RefusedError
from slackbot.playground.fake_slack.field_checks import check_string, check_text


def test_fields_at_their_limits() -> None:
    """Texts as long as they may be pass, and so does a string that is missing."""
    check_string({"value": "a" * 5}, "value", 5, "/a")
    check_string({}, "value", 5, "/a")
    check_text({"text": {"type": "mrkdwn", "text": "a" * 5}}, "text", 5, "/a")


@pytest.mark.parametrize("value", ["a" * 6, 7, None])
def test_refused_strings(value: Any) -> None:
    """A string that is too long, or not a string, is refused with its place."""
    with pytest.raises(RefusedError) as refused:
        check_string({"value": value}, "value", 5, "/a")
    assert refused.value.details == ("must be less than 6 characters [json-pointer:/a/value]",)


def test_required_strings() -> None:
    """A required string must not be empty."""
    with pytest.raises(RefusedError) as refused:
        check_string({"value": ""}, "value", 5, "/a", required=True)
    assert "missing required field: value" in refused.value.details[0]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("hi", "missing required field"),
        ({"type": "html", "text": "hi"}, "unsupported type"),
        ({"type": "mrkdwn", "text": ""}, "must be more than 0"),
        ({"type": "mrkdwn", "text": "a" * 6}, "must be less than 6"),
    ],
)
def test_refused_texts(text: Any, problem: str) -> None:
    """A text object that is not one, or too long, is refused with its place."""
    with pytest.raises(RefusedError) as refused:
        check_text({"text": text}, "text", 5, "/a")
    assert problem in refused.value.details[0]
    assert "[json-pointer:/a/text" in refused.value.details[0]
