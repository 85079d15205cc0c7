"""JSON as a person reads it who decides about it."""

import pytest

from slackbot.markdown.visible_json import visible_json


def test_values_stand_on_lines() -> None:
    """Each value has a line, keys that stand twice are both shown, and numbers stay as written."""
    shown = visible_json('{"a": [1e3, "\\u200b"], "a": null, "b": {}}')
    assert shown == '{\n "a": [\n  1e3,\n  "\\u200b"\n ],\n "a": null,\n "b": {}\n}'


def test_no_json() -> None:
    """It raises ValueError."""
    with pytest.raises(ValueError, match="Expecting"):
        visible_json("{")
