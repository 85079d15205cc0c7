"""The two ways in which a reply grows, for tests of what people see in both."""

import pytest

EDIT = {"SLACKBOT_STREAMING": "edit"}
NATIVE = {"SLACKBOT_STREAMING": "native"}

IN_BOTH = pytest.mark.parametrize("streaming", ["edit", "native"])
"""Gives a test `streaming`, a value of SLACKBOT_STREAMING."""

OPENING = pytest.mark.parametrize(
    ("streaming", "method"), [("edit", "chat.postMessage"), ("native", "chat.startStream")]
)
"""Gives a test `streaming`, and the `method` that shows the first text."""

ENDING = pytest.mark.parametrize(
    ("streaming", "method"), [("edit", "chat.update"), ("native", "chat.stopStream")]
)
"""Gives a test `streaming`, and the `method` that shows the end."""
