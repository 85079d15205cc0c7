"""Slack's login page is told from files."""

import pytest

from slackbot.playground.fake_slack.server import LOGIN_PAGE
from slackbot.slack.login_page import is_login_page


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
