from html import unescape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slackbot.markdown.escaping import WORD_JOINER
from slackbot.markdown.excerpts import (
    MAX_NOTIFICATION_CHARACTERS,
    excerpt,
    notification_text,
)
from tests.markdown.mention_samples import WRITTEN, has_mention

LONG = 200_000
"""Characters: code whose time grows with the square of the length does not finish these."""


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        ("# Title\n\nSome **bold** `code`.", "Title Some bold code."),
        ("```python\nprint(1)\n```\n#5 done", "print(1) #5 done"),
        ("a < b & c", "a &lt; b &amp; c"),
        ("@**here** &lt;!channel>", f"@{WORD_JOINER}here &amp;lt;{WORD_JOINER}!channel&gt;"),
        ("", "…"),
        (" \n```\n", "…"),
        ("x" * 200, "x" * 149 + "…"),
        ("word " * 40, ("word " * 30).strip() + "…"),
        ("seven77 " * 40, ("seven77 " * 18).strip() + "…"),
        ("a" * 60 + " " + "x" * 200, "a" * 60 + " " + "x" * 88 + "…"),
        ("x" * 150, "x" * 150),
        ("x" * 150 + "\nmore", "x" * 149 + "…"),
    ],
)
def test_notification(markdown: str, text: str) -> None:
    """A phone shows the first words, without Markdown's marks and escaped, and never nothing. A
    word is cut only if it fills half of the room.
    """
    assert notification_text(markdown) == text


@settings(deadline=None)
@given(WRITTEN)
def test_notification_of_anything(markdown: str) -> None:
    """A notification is one short line without a mention."""
    shown = notification_text(markdown)
    assert shown
    assert "\n" not in shown
    assert "<" not in shown
    assert len(unescape(shown).replace(WORD_JOINER, "")) <= MAX_NOTIFICATION_CHARACTERS
    assert not has_mention(shown)


@given(WRITTEN | st.text(), st.integers(2, 40))
def test_excerpts_keep_to_their_length(text: str, most: int) -> None:
    """An escaped excerpt keeps to its length, and is the whole text if it has no ellipsis."""
    shown = excerpt(text, most)
    assert len(shown) <= most
    if not shown.endswith("…"):
        assert unescape(shown).replace(WORD_JOINER, "") == text.replace(WORD_JOINER, "")


@pytest.mark.parametrize(
    ("text", "shown"), [("a" * 40, "a" * 40), ("a" * 41, "a" * 39 + "…"), ("&" * 8, "&amp;" * 8)]
)
def test_an_excerpt_uses_its_room(text: str, shown: str) -> None:
    """A text that fits is shown whole; of a longer one as much as there is room for."""
    assert excerpt(text, 40) == shown


def test_an_excerpt_with_signs_uses_most_of_its_room() -> None:
    """Where signs take more room than they seem to, nine tenths of it are used."""
    assert len(excerpt("<" + "a" * 60, 40)) >= 36


@pytest.mark.parametrize("unit", ["a", " ", "\n", "<", "&", "&amp;", "`", "# ", "```\n"])
def test_long_text(unit: str) -> None:
    """The time grows with the length of the text, whatever it consists of."""
    assert notification_text(unit * (LONG // len(unit)))
