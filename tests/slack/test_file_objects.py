"""What is read out of Slack's file objects."""

from typing import Any

import pytest

from slackbot.conversation.attachment import CANVAS_TYPE, EMAIL_TYPE
from slackbot.playground.fake_slack.server import LOGIN_PAGE
from slackbot.slack.file_objects import (
    LIST_TYPE,
    is_external,
    is_login_page,
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


@pytest.mark.parametrize(
    ("page", "login"),
    [
        (LOGIN_PAGE, True),
        ("<!DOCTYPE html><html><title>Sign in | Slack</title></html>", True),
        ('\n<html lang="de" data-primer><link href="https://a.slack-edge.com/x"></html>', True),
        ("<html>Your browser is not supported by Slack</html>", True),
        ('<div class="quip-canvas-content"><h1>Sign in to Slack</h1></div>', False),
        ("<!doctype html><title>Slack integration</title>", False),
        ("<!doctype html><title>Sign in to Example</title>", False),
        ("Sign in to Slack", False),
        ("", False),
    ],
)
def test_login_page(page: str, *, login: bool) -> None:
    """Slack's login page, in any language, and pages that only resemble it."""
    assert is_login_page(page.encode()) is login
