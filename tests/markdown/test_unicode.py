import pytest
from hypothesis import given
from hypothesis import strategies as st

from slackbot.markdown.unicode import to_well_formed

ANY_CHARACTERS = st.text(st.characters(exclude_categories=()))


@pytest.mark.parametrize(
    ("text", "well_formed"),
    [
        ("\ud83d\ude00", "😀"),
        ("a\ud83d", "a\ufffd"),
        ("\ude00\ud83d", "\ufffd\ufffd"),
        ("😀 é", "😀 é"),
    ],
)
def test_surrogates(text: str, well_formed: str) -> None:
    """A pair becomes its character, and a lone surrogate becomes U+FFFD."""
    assert to_well_formed(text) == well_formed


@given(ANY_CHARACTERS)
def test_any_text(text: str) -> None:
    """The result can be encoded, and does not change a second time."""
    shown = to_well_formed(text)
    assert shown.encode().decode() == shown
    assert to_well_formed(shown) == shown
