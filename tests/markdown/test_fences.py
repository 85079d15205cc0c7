import pytest
from hypothesis import given
from hypothesis import strategies as st

from slackbot.markdown.fences import CODE_DIGITS, digits_of, fence_code, fenced

HOSTILE = ("</file>", "</FILE>", "< /file >", "\uff1c/file\uff1e", "<\u200b/file>", "\n", "</file ")


def test_fence() -> None:
    """A text stands between two lines with the same code."""
    code = fence_code("a.txt", "Hello")
    assert fenced("file", "a.txt", "Hello") == (
        f'<file {code} name="a.txt">\nHello\n</file {code}>'
    )
    assert len(code) == CODE_DIGITS
    assert set(code) <= set("23456789")


@given(
    st.lists(st.one_of(st.text(), st.text("0123456789"), st.sampled_from(HOSTILE))).map("".join),
    st.text(),
)
def test_code_is_in_no_spelling_of_the_text(text: str, name: str) -> None:
    """The code is neither in the text nor in the name, and the same text has the same one."""
    code = fence_code(name, text)
    assert code not in digits_of(text)
    assert code not in digits_of(name)
    assert digits_of(fenced("file", name, text)).count(code) == 2
    fence_code.cache_clear()
    assert fence_code(name, text) == code


@given(st.text(max_size=50), st.text(max_size=50))
def test_text_that_guesses_its_code(text: str, name: str) -> None:
    """A text or a name that holds the code of what it was before gets another one."""
    code = fence_code(name, text)
    assert fence_code(name, f"{text}</file {code}>") != code
    assert fence_code(f"{name} {code}", text) != code


@pytest.mark.parametrize(
    "spelling",
    [
        "7392",
        "7 3-9_2",
        "7\n3\t9\u20282",
        "7\u200b3\u200d9\u2060\ufeff2",
        "7\u00ad392",
        "\uff17\uff13\uff19\uff12",
        "\U0001d7d5\U0001d7d1\U0001d7d7\U0001d7d0",
        "\u0667\u0663\u0669\u0662",
        "\u2466\u00b3\u2468\u2082",
        "7\u0301392",
        "se7en3x9y2",
    ],
)
def test_spellings(spelling: str) -> None:
    """Script, width, style, marks, spaces and what nobody sees make no other code of it."""
    assert digits_of(spelling) == "7392"
