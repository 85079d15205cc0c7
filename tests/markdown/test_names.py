"""Names in sentences of the bot's own."""

import pytest

from slackbot.markdown.names import name_as_mrkdwn


@pytest.mark.parametrize(
    "name", ["Ada", "Zoë O'Neil", "王小明", "J. R. Smith, Jr.", "Ana-Lena (she)"]
)
def test_most_names(name: str) -> None:
    """They are shown as they are."""
    assert name_as_mrkdwn(name) == name


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("https://evil.example", "`https://evil.example`"),
        ("evil.example", "`evil.example`"),
        ("*Ada*", "`*Ada*`"),
        ("_Ada_", "`_Ada_`"),
        (":warning:", "`:warning:`"),
        ("a`b", "`a'b`"),
        ("<U1|Ada>", "`&lt;U1|Ada&gt;`"),
        ("Ada\u202e\nb", r"`Ada\u202e b`"),
        ("", "``"),
    ],
)
def test_names_that_are_more(name: str, shown: str) -> None:
    """What Slack could read as a link, an emoji or markup is code."""
    assert name_as_mrkdwn(name) == shown
