import re
from html import unescape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slackbot.markdown.escaping import (
    WORD_JOINER,
    escape_mentions,
    escape_mrkdwn,
    escape_stable_prefix,
)
from tests.markdown.mention_samples import FRAGMENTS, WRITTEN, has_mention

LONG = 200_000
"""Characters: code whose time grows with the square of the length does not finish these."""


@pytest.mark.parametrize(
    "opening",
    [
        "<",
        "&lt;",
        "&lt",
        "&#60;",
        "&#0060;",
        "&#x3c;",
        "&#X3C;",
        "&amp;lt;",
        "&#38;lt;",
        "&AMP;#x26;lt;",
    ],
)
@pytest.mark.parametrize(
    "rest",
    [
        "!channel>",
        "!group>",
        "!new_one|x>",
        "!HERE|here>",
        "!everyone&gt;",
        "!subteam^S1|@t>",
        "@U1>",
        "@W1|ana>",
        "@B1>",
    ],
)
@pytest.mark.parametrize("escape", ["", "\\", "\\\\"])
def test_brackets(opening: str, rest: str, escape: str) -> None:
    """Each mention in angle brackets gets one word joiner after its bracket."""
    ping = f"a {opening}{escape}{rest} b"
    assert escape_mentions(ping) == f"a {opening}{WORD_JOINER}{escape}{rest} b"


@pytest.mark.parametrize("sign", ["@", "&#64;", "&#x40;", "&commat;", "&amp;#64;"])
@pytest.mark.parametrize("name", ["channel", "Here", "EVERYONE", "group"])
@pytest.mark.parametrize("around", ["{}", "_{}_", "*{}*", "({}):", "é{}é", "@{}", "end.{}", "-{}"])
def test_at_sign(sign: str, name: str, around: str) -> None:
    """The plain words get one word joiner after the sign, in emphasis and next to marks as well."""
    assert escape_mentions(around.format(sign + name)) == around.format(sign + WORD_JOINER + name)


@pytest.mark.parametrize(
    "markdown",
    [
        "<!DOCTYPE html> <!-- channel --> <b>here</b>",
        "if (!channel) return a<b && c>d;",
        "List<@NonNull T> Map<@Unmodifiable K, @Basic V>",
        "@ChannelHandler.Sharable @everyones @hereby @groups",
        "ana@here.com a.b+c@channel.org",
        "&lt;p&gt; &amp; &copy; \\* \\<",
        "<#C1|general> <!date^1^x|y> <https://x.org|@x>",
    ],
)
def test_other_text(markdown: str) -> None:
    """Ordinary text and code stay as they are."""
    assert escape_mentions(markdown) == markdown


@settings(deadline=None, max_examples=500)
@given(WRITTEN)
def test_no_mention_is_left(markdown: str) -> None:
    """However a mention is spelled, and wherever the text breaks off, none is left."""
    for end in range(len(markdown) + 1):
        assert not has_mention(escape_mentions(markdown[:end]))


@settings(deadline=None)
@given(WRITTEN, WRITTEN)
def test_escaping_is_local(markdown: str, more: str) -> None:
    """Only word joiners are added, each because of its own line, and none the second time."""
    shown = escape_mentions(markdown)
    assert shown.replace(WORD_JOINER, "") == markdown.replace(WORD_JOINER, "")
    assert len(shown) - len(markdown) <= len(re.findall("[<@&]", markdown))
    assert escape_mentions(shown) == shown
    assert escape_mentions(f"{markdown}\n{more}") == f"{shown}\n{escape_mentions(more)}"


@settings(deadline=None)
@given(WRITTEN, st.lists(FRAGMENTS, max_size=6).map("".join))
def test_stable_prefix(markdown: str, more: str) -> None:
    """What a stream is given stays as it is, whatever the model writes next."""
    given = escape_stable_prefix(markdown)
    assert escape_mentions(markdown + more).startswith(given)


def test_stable_prefix_moves_on() -> None:
    """Text after the last sign is given to a stream once it is too long for a mention."""
    assert escape_stable_prefix("<!here") == ""
    assert escape_stable_prefix("one @here two") == "one"
    assert escape_stable_prefix(
        f"one @here {'two ' * 20}"
    ) == f"one @here {'two ' * 20}".rstrip().replace("@", f"@{WORD_JOINER}")


def test_only_slacks_signs_are_escaped() -> None:
    """Slack asks for `&`, `<` and `>` alone: quotes stay readable, in notifications too."""
    assert escape_mrkdwn('"it\'s" <b> & c') == '"it\'s" &lt;b&gt; &amp; c'


@given(st.text() | WRITTEN)
def test_shown_as_written(text: str) -> None:
    """Escaped for mrkdwn, a text has no markup, no mention, and every character of its own."""
    shown = escape_mrkdwn(text)
    assert "<" not in shown
    assert not has_mention(shown)
    assert unescape(shown).replace(WORD_JOINER, "") == text.replace(WORD_JOINER, "")


@pytest.mark.parametrize(
    "unit", ["a", " ", "\n", "<", "<@", "<@U1|", "<!date^", "@here ", "&", "&amp;", "&#0", "\\"]
)
@pytest.mark.parametrize("end", ["", "x"])
def test_long_text(unit: str, end: str) -> None:
    """The time grows with the length of the text, whatever it consists of."""
    long = unit * (LONG // len(unit)) + end
    assert escape_mentions(long).replace(WORD_JOINER, "").replace("< !date", "<!date") == long
