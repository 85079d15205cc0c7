"""What is read out of Slack's file objects."""

from typing import Any

import pytest

from slackbot.attachments.mimetypes import CANVAS_TYPE, EMAIL_TYPE
from slackbot.slack.file_objects import (
    LIST_TYPE,
    channels_of,
    is_external,
    kind_of,
    name_of,
    size_of,
)


@pytest.mark.parametrize(
    ("file", "kind", "name", "size"),
    [
        (
            {"mimetype": "image/png", "name": "a.png", "title": "A", "size": 3},
            "image/png",
            "a.png",
            3,
        ),
        (
            {"mimetype": CANVAS_TYPE, "name": "-", "title": "Plan", "size": 9},
            CANVAS_TYPE,
            "Plan",
            None,
        ),
        ({"filetype": "quip", "mode": "quip", "name": "canvas"}, CANVAS_TYPE, "canvas", None),
        ({"mode": "space", "mimetype": "text/plain", "title": "Post"}, CANVAS_TYPE, "Post", None),
        (
            {
                "mode": "email",
                "filetype": "email",
                "mimetype": "text/html",
                "size": 7,
                "title": "Re",
            },
            EMAIL_TYPE,
            "Re",
            None,
        ),
        (
            {
                "mode": "hosted",
                "filetype": "email",
                "mimetype": EMAIL_TYPE,
                "size": 7,
                "name": "a.eml",
            },
            EMAIL_TYPE,
            "a.eml",
            7,
        ),
        ({"mode": "list", "size": 0, "name": "list", "title": "Tasks"}, LIST_TYPE, "Tasks", None),
        ({"mode": "snippet", "mimetype": "text/plain", "size": 5}, "text/plain", "", 5),
        ({"mimetype": 3, "size": "4", "name": [], "title": None}, "", "", None),
        ({}, "", "", None),
    ],
)
def test_descriptions(file: dict[str, Any], kind: str, name: str, size: int | None) -> None:
    """The kind, the name that people see, and the size of what would be downloaded."""
    assert (kind_of(file), name_of(file), size_of(file)) == (kind, name, size)


@pytest.mark.parametrize(
    ("file", "external"),
    [({"is_external": True}, True), ({"mode": "external"}, True), ({"mode": "hosted"}, False)],
)
def test_external_files(file: dict[str, Any], *, external: bool) -> None:
    """Files whose content another service has."""
    assert is_external(file) is external


def test_channels() -> None:
    """Where a file was shared: in channels, private ones and direct messages."""
    file = {"channels": ["C1"], "groups": None, "ims": ["D1"]}
    assert channels_of(file) == ["C1", "D1"]
