"""A text is shown so that nothing in it is hidden, checked with all of Unicode."""

import re
import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slackbot.markdown.code_blocks import code_block
from slackbot.markdown.hidden_characters import (
    MAX_MARKS_ON_A_LETTER,
    for_terminal,
    quoted,
    quoted_key,
    revealed,
)
from slackbot.markdown.rendering import to_slack

DEFAULT_IGNORABLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff]"
)
"""https://www.unicode.org/Public/UCD/latest/ucd/DerivedCoreProperties.txt"""

EVERY_CHARACTER = [chr(code) for code in range(sys.maxunicode + 1)]

any_text = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from(
            "\u200b\u202e\u2066\U000e0041\ufe0f\u3164\u0301\u0338\u05d0\u1100\u1161\u11a8"
        ),
        st.sampled_from('"\\\n {}:,`<@!&;e\u201d\uff02\uff3c'),
    ),
    max_size=40,
)


def decoded(shown: str) -> str:
    """What a shown text says: the escapes and nothing else mean another character."""
    pieces = re.split(r"(\\u\{[0-9a-f]{5,6}\}|\\u[0-9a-f]{4}|\\.)", shown[1:-1])
    return "".join(
        chr(int(piece[2:].strip("{}"), 16))
        if piece.startswith("\\u")
        else {"n": "\n", "t": "\t", "r": "\r"}.get(piece[1:], piece[1:])
        if piece.startswith("\\")
        else piece
        for piece in pieces
    )


def test_every_character_of_unicode() -> None:
    """What is default-ignorable, or no letter, mark, number, punctuation or symbol, is an escape
    that says its code point; everything can be read back.
    """
    for sign in EVERY_CHARACTER:
        shown = quoted(f"a{sign}b")
        assert decoded(shown) == f"a{sign}b"
        category = unicodedata.category(sign)
        if sign != " " and (category[0] in "CZ" or DEFAULT_IGNORABLE.match(sign)):
            assert f"{ord(sign):x}" in shown or sign in "\n\t\r"
            assert sign not in shown


@given(any_text)
def test_nothing_is_left_out(text: str) -> None:
    """The shown text says exactly what the text is, so no other text is shown like it."""
    assert decoded(quoted(text)) == text
    assert decoded(quoted_key(text)) == text


@given(any_text)
def test_what_is_shown_looks_like_nothing_else(text: str) -> None:
    """No character is invisible, Unicode has one way to write what is seen, and Slack shows it as
    it is.
    """
    shown = quoted(text)
    assert unicodedata.is_normalized("NFC", shown)
    assert not DEFAULT_IGNORABLE.search(shown)
    assert not any(sign != " " and unicodedata.category(sign)[0] in "CZ" for sign in shown)
    assert to_slack(code_block(shown)) == f"```\n{shown}\n```"


@given(any_text)
def test_a_quote_ends_where_the_text_ends(text: str) -> None:
    """No character within looks like the quote at the end."""
    inside = re.sub(r"\\.", "", quoted(text))[1:-1]
    assert not set(inside) & set('"\u201c\u201d\u201e\u201f\u2033\uff02\u02ba\u02dd\u3003')


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Hello, Zoë! 東京 😀 Привет", '"Hello, Zoë! 東京 😀 Привет"'),
        ("Hello\U000e0064\U000e0065", r'"Hello\u{e0064}\u{e0065}"'),
        ("a\u202eb", r'"a\u202eb"'),
        ("❤\ufe0f", r'"❤\ufe0f"'),
        ("a\u3164\u2800b", r'"a\u3164\u2800b"'),
        ("e\u0301", r'"e\u0301"'),
        ("\u212b", r'"\u212b"'),
        ("\u0338", r'"\u0338"'),
        ("1\u20e3", r'"1\u20e3"'),
        ("หน้าที่", '"หน้าที่"'),
        ("said \u201cyes\u201d", r'"said \u201cyes\u201d"'),
        ('a", "to": "b', r'"a\", \"to\": \"b"'),
        (r"\u200b", r'"\\u200b"'),
        ("\uff3cu200b", r'"\uff3cu200b"'),
        ("<!channel> <@U1> <b>", r'"\u003c!channel> \u003c@U1> <b>"'),
        ("&lt;!here> a&b=c", r'"\u0026lt;!here> a&b=c"'),
        ("`` ```", r'"`` \u0060\u0060\u0060"'),
        ("a\nb", r'"a\nb"'),
        ("\ud83d", r'"\ud83d"'),
    ],
)
def test_examples(text: str, shown: str) -> None:
    """People read their own languages, and see what is hidden between."""
    assert quoted(text) == shown


def test_piled_up_marks() -> None:
    """Letters keep their accents, but no pile of marks covers the lines around them."""
    shown = quoted("q" + "\u0320" * 50)
    assert shown.count("\u0320") == MAX_MARKS_ON_A_LETTER
    assert shown.count(r"\u0320") == 50 - MAX_MARKS_ON_A_LETTER


def test_spaces_push_nothing_out_of_sight() -> None:
    """Code keeps its indentation; of a longer row of spaces each further one is an escape."""
    assert quoted("a" + " " * 16 + "b") == '"a' + " " * 16 + 'b"'
    assert quoted("a" + " " * 18 + "b") == '"a' + " " * 16 + r'\u0020\u0020b"'


def test_keys_keep_their_side() -> None:
    """A key in Hebrew or Arabic would be shown to the right of its value."""
    assert quoted_key("to\u05d0\u0627") == r'"to\u05d0\u0627"'
    assert quoted("to\u05d0\u0627") == '"to\u05d0\u0627"'


@given(any_text)
def test_a_text_of_several_lines(text: str) -> None:
    """Its lines stay, and nothing in them is hidden or ends a block of code."""
    shown = revealed(text)
    assert shown.count("\n") == text.count("\n")
    assert DEFAULT_IGNORABLE.search(shown) is None
    assert "```" not in shown
    assert revealed('Says "hello".') == 'Says "hello".'


def test_for_a_terminal() -> None:
    """Sequences that steer it and invisible characters are escapes; what people write stays."""
    assert for_terminal("a\x1b[31m\r\nb\x9b\u202e") == r"a\u001b[31m\u000d\u000ab\u009b\u202e"
    assert for_terminal("C:\\new “Zoë” 東京 ✓") == "C:\\new “Zoë” 東京 ✓"
