import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slackbot.markdown.inline import close_inline

PIECES = ["*", "**", "***", "_", "~~", "`", "``", "[", "](", ")", "\\", "\n", " ", "a", "é", "2"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("so **very** _", "so **very**"),
        ("so **very _", "so **very**"),
        ("so **very** ~~**_", "so **very**"),
        ("so \\\n**", "so"),
        ("so \\*", "so \\*"),
        ("so `` `", "so"),
        ("so [the docs](x **", "so the docs"),
        ("** `", ""),
    ],
)
def test_ends_with_what_was_said(text: str, shown: str) -> None:
    """All marks after the last word are left off."""
    assert close_inline(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a **b*", "a **b**"),
        ("a **b*_", "a **b**"),
        ("a ***b*", "a ***b***"),
        ("*a ***b*", "*a ***b****"),
        ("a **b **c**", "a **b **c****"),
    ],
)
def test_closes_the_last_that_was_opened(text: str, shown: str) -> None:
    """A run of marks closes the innermost emphasis of its kind, or is half of a mark that will."""
    assert close_inline(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("*a*[b](x", "*a*b*"),
        ("**a [b** c](x", "**a b** c"),
        ("`a` [`b](x", "`a` `b`"),
        ("[a](x [b](y", "[a](x b"),
        ("[a](x[b](y", "a"),
    ],
)
def test_label_is_read_in_its_place(text: str, shown: str) -> None:
    """A label that stands for its unfinished link is completed like any other text."""
    assert close_inline(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("2*3", "2*3"),
        ("2 * 3", "2 * 3"),
        ("snake_case", "snake_case"),
        ("é_b", "é_b"),
        ("é*b", "é*b*"),
        ("a~~b", "a~~b~~"),
        ("_a_b", "_a_b_"),
        ("*a*b c", "*a*b c*"),
        ("*a* b", "*a* b"),
        ("a ****b", "a ****b"),
    ],
)
def test_marks_within_words(text: str, shown: str) -> None:
    """Marks between letters or figures belong to the word, those between blanks and rows of four
    are text; all others open or close emphasis.
    """
    assert close_inline(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [("so `X", "so `X`"), ("so ``a`b", "so ``a`b``"), ("so `a` `b", "so `a` `b`")],
)
def test_open_code_is_closed(text: str, shown: str) -> None:
    """Code ends with as many backticks as it began with."""
    assert close_inline(text) == shown


def test_eight_emphases_are_closed() -> None:
    """Emphases within each other are closed from the inside out, up to eight of them."""
    marks = ["*", "_", "**", "__", "***", "___", "~~", "*"]
    text = " ".join(f"{mark}a" for mark in marks)
    assert close_inline(text) == text + "".join(reversed(marks))
    assert close_inline(f"~~a {text}") == f"~~a {text}" + "".join(reversed(marks))


@settings(deadline=None, max_examples=500)
@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_idempotent(text: str) -> None:
    """Completed text stays as it is."""
    shown = close_inline(text)
    assert close_inline(shown) == shown
