import pytest
from hypothesis import given
from hypothesis import strategies as st

from slackbot.markdown.note_marks import replace_marks
from slackbot.markdown.notes import strip_notes, with_notes

PIECES = st.sampled_from(
    [
        *("⚠", "⚠️", "\ufe0f", ":warning:", ":warn", "ing:", "&#9888;", "&#x26A0;"),
        *("🔧", "🔗", "> 🎤", ":wrench:", "_", "*", "1. ", "- ", "a", "`", "\u200b"),
        *("\n", "\n\n", " ", "```\n", "\n```\n", "\r"),
    ]
)
TEXTS = st.lists(PIECES, max_size=15).map("".join)


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("⚠️ _Stopped here._", "❗️ _Stopped here._"),
        (
            "Fine.\n\n> - **⚠️ _[Log in](https://x.org)_**",
            "Fine.\n\n> - **❗️ _[Log in](https://x.org)_**",
        ),
        ("a ⚠ b", "a ❗ b"),
        (":warning: _x_", ":warning❗ _x_"),
        ("&#9888; _x_ &#X26a0;", "❗#9888; _x_ ❗#X26a0;"),
        ("🔧 _Used `pay`_", "🛠 _Used `pay`_"),
        ("> 🎤 He said so", "> 🎙 He said so"),
        ("\u200b🔗 _Sources:_", "\u200b📎 _Sources:_"),
        (":wrench: _x_", ":wrench🛠 _x_"),
        ("a 🔧 b :link:", "a 🔧 b :link:"),
        ("1. 🔧 b", "1. 🛠 b"),
        ("`⚠️ x`", "`❗️ x`"),
        ("```\n⚠️ code\n```\n⚠️ text", "```\n⚠️ code\n```\n❗️ text"),
        ("&#98881; plain", "&#98881; plain"),
    ],
)
def test_marks(written: str, shown: str) -> None:
    """A sign of the bot's is replaced by one that looks similar, except in a block of code."""
    assert replace_marks(written) == shown


@given(TEXTS, TEXTS)
def test_a_text_that_grows(written: str, more: str) -> None:
    """It keeps its length, what is shown of complete lines stays, and a second time changes
    nothing.
    """
    shown = replace_marks(written)
    assert len(shown) == len(written)
    assert replace_marks(shown) == shown
    whole = written[: written.rfind("\n") + 1]
    assert replace_marks(whole + more).startswith(replace_marks(whole))


@given(TEXTS)
def test_nothing_of_the_models_is_taken_for_a_note(written: str) -> None:
    """What the model writes is never taken off with the notes when its message is read back."""
    shown = replace_marks(written).strip()
    if "```" not in shown:
        assert strip_notes(shown) == shown
        assert strip_notes(with_notes(shown, "Stopped here.")).strip() == shown
