import re
from html import unescape

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from slackbot.markdown.mrkdwn import (
    LONGEST_QUOTE,
    NOTIFICATION_LENGTH,
    WORD_JOINER,
    addresses_others,
    escape_mentions,
    excerpt,
    mentioned_users,
    notification,
    strip_notes,
    to_plain_text,
    with_notes,
    with_quotes,
)

ME = "U0BOT"
NAMES = {"U1": "Ana", "U2": "王小明", "U3": "R&amp;D <3"}
LONG = 200_000
"""Characters: what takes the square of its length does not come back from these."""

SPELLINGS = (
    "< &lt; &lt &LT; &#60; &#0060; &#60 &#x3c; &#X003C; &amp;lt; \\ \\\\ ! &#33; &excl; @ &#64; "
    "&#x40; &commat; channel here everyone Channel HERE subteam ^S1 U1 W1 B1 U @U1 !channel @here "
    "<!here> <@U1> > &gt; | |x> * _ ** a 9 . - é & ; # chan nel"
)
FRAGMENTS = st.sampled_from([*SPELLINGS.split(), " ", "\n", WORD_JOINER])
WRITTEN = st.lists(FRAGMENTS, max_size=12).map("".join)

PING = re.compile(
    r"<!(?i:channel|here|everyone|subteam)"
    r"|<@[UWB][A-Z0-9]"
    r"|(?<![a-zA-Z0-9])@(?i:channel|here|everyone)(?![a-zA-Z0-9])"
)


def pings(markdown: str) -> bool:
    """Whether a reader of Markdown who decodes what can be decoded comes upon a ping."""
    readings = [markdown, unescape(markdown), unescape(unescape(markdown))]
    readings += [re.sub(r"\\(?=[!-/:-@\[-`{-~])", "", reading) for reading in readings]
    return any(PING.search(reading) for reading in readings)


def test_mentioned() -> None:
    """People count in order and once, with or without a label; bots, groups, typed text do not."""
    markup = "<@U2|ana> and <@W1>, <@U2> &lt;@U3&gt; <@B1> <!subteam^S1> <#C1|x> <@U9"
    assert mentioned_users(markup) == ("U2", "W1")


@pytest.mark.parametrize(
    "markup",
    ["ask <@U1>", "<@W1|ana>?", "<@B1>", "<!here>", "<!channel|channel> hi", "<!subteam^S1|@team>"],
)
def test_addresses_others(markup: str) -> None:
    """Mentioning anyone addresses others, unless the bot is mentioned as well."""
    assert addresses_others(markup, ME)
    assert not addresses_others(f"{markup} <@{ME}>", ME)


@pytest.mark.parametrize("markup", ["hello", f"<@{ME}> hi", "&lt;!here&gt;", "<#C1|general>"])
def test_addresses_nobody_else(markup: str) -> None:
    """Without a mention of somebody else nobody else is addressed."""
    assert not addresses_others(markup, ME)


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<@U1> and <@U2|ming>", "@Ana and @王小明"),
        ("<@U8|bob> <@U9|@eve> <@W7>", "@bob @eve @W7"),
        ("<#C1|general> <#C2|> <#C3>", "#general #C2 #C3"),
        ("<!here> <!channel|channel> <!everyone>", "@here @channel @everyone"),
        ("<!subteam^S1|@team> <!subteam^S2>", "@team @S2"),
        ("<!date^1^{date}^https://x.org|18 Feb> <!date^1^x>", "18 Feb <!date^1^x>"),
    ],
)
def test_plain_names(markup: str, text: str) -> None:
    """People, channels and groups appear by the names that are known."""
    assert to_plain_text(markup, NAMES, ME) == text


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<https://x.org/a?b=1&amp;c=2>", "https://x.org/a?b=1&c=2"),
        ("<https://x.org/a|the &lt;page&gt;>", "the <page> (https://x.org/a)"),
        ("<http://x.org|x.org> <http://x.org/|x.org>", "http://x.org http://x.org/"),
        ("<https://x.org|https://x.org>", "https://x.org"),
        ("<mailto:a@b.org|a@b.org> <mailto:a@b.org>", "a@b.org a@b.org"),
        ("<mailto:a@b.org|Ana>", "Ana (a@b.org)"),
        ("<tel:+431|+431>", "tel:+431"),
    ],
)
def test_plain_links(markup: str, text: str) -> None:
    """A link is its address, with its label before it where that says something else."""
    assert to_plain_text(markup, NAMES, ME) == text


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        (f"<@{ME}> hello", "hello"),
        (f"<@{ME}|bot>: hello", "hello"),
        (f" <@{ME}>, <@{ME}>: hello", "hello"),
        (f"hello <@{ME}>", "hello"),
        (f"hello <@{ME}>, can you", "hello, can you"),
        (f"can <@{ME}> help?", "can help?"),
        (f"thanks <@{ME}>!", "thanks!"),
        (f"first\n<@{ME}> second", "first\nsecond"),
        (f"see <@{ME}>this", "see this"),
        (f"<@{ME}>", ""),
        (f"<@{ME}2> hello", f"@{ME}2 hello"),
    ],
)
def test_plain_without_the_bot(markup: str, text: str) -> None:
    """The bot's own mention is left out together with the blank it would leave."""
    assert to_plain_text(markup, NAMES, ME) == text


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("a &lt; b &amp;&amp; c &gt; d", "a < b && c > d"),
        ("&amp;lt; &amp;amp;", "&lt; &amp;"),
        ("&lt;@U1&gt; &lt;https://x.org|x&gt;", "<@U1> <https://x.org|x>"),
        ("&amp;copy; &copy;", "&copy; &copy;"),
        ("<@U3>", "@R&amp;D <3"),
        ("```\nif a &lt; b:\n    go()\n```", "```\nif a < b:\n    go()\n```"),
        ("a < b", "a < b"),
        ("<https://x.org", "<https://x.org"),
        ("<div> <> <!> List<@NonNull T>", "<div> <> <!> List<@NonNull T>"),
        ("<<@U1>> <https://x|<b>>", "<@Ana> <https://x|<b>>"),
        ("  one\n\n two \n", "one\n\n two"),
    ],
)
def test_plain_text(markup: str, text: str) -> None:
    """Escapes are undone once; what is no markup of Slack's stays as it is."""
    assert to_plain_text(markup, NAMES, ME) == text


@pytest.mark.parametrize("opening", ["<", "&lt;", "&lt", "&#60;", "&#0060;", "&#x3c;", "&#X3C;"])
@pytest.mark.parametrize(
    "rest",
    ["!channel>", "!HERE|here>", "!everyone&gt;", "!subteam^S1|@t>", "@U1>", "@W1|ana>", "@B1>"],
)
@pytest.mark.parametrize("escape", ["", "\\", "\\\\"])
def test_harmless_brackets(opening: str, rest: str, escape: str) -> None:
    """Each form between angle brackets gets one joiner behind the bracket."""
    ping = f"a {opening}{escape}{rest} b"
    assert escape_mentions(ping) == f"a {opening}{WORD_JOINER}{escape}{rest} b"


@pytest.mark.parametrize("sign", ["@", "&#64;", "&#x40;", "&commat;", "&amp;#64;"])
@pytest.mark.parametrize("name", ["channel", "Here", "EVERYONE"])
@pytest.mark.parametrize("around", ["{}", "_{}_", "*{}*", "({}):", "é{}é", "@{}", "end.{}", "-{}"])
def test_harmless_at_sign(sign: str, name: str, around: str) -> None:
    """The plain words get one joiner behind the sign, in emphasis and beside marks as well."""
    assert escape_mentions(around.format(sign + name)) == around.format(sign + WORD_JOINER + name)


@pytest.mark.parametrize(
    "markdown",
    [
        "<!DOCTYPE html> <!-- channel --> <b>here</b>",
        "if (!channel) return a<b && c>d;",
        "List<@NonNull T> Map<@Unmodifiable K, @Basic V>",
        "@ChannelHandler.Sharable @everyones @hereby",
        "ana@here.com a.b+c@channel.org",
        "&lt;p&gt; &amp; &copy; \\* \\<",
        "<#C1|general> <!date^1^x|y> <https://x.org|@x>",
    ],
)
def test_harmless_leaves_the_rest(markdown: str) -> None:
    """Ordinary text and code stay as they are."""
    assert escape_mentions(markdown) == markdown


@settings(deadline=None, max_examples=500)
@given(WRITTEN)
def test_nothing_pings(markdown: str) -> None:
    """However a ping is spelled and wherever the text breaks off, nothing in it pings."""
    for end in range(len(markdown) + 1):
        assert not pings(escape_mentions(markdown[:end]))


@settings(deadline=None)
@given(WRITTEN, WRITTEN)
def test_harmless_is_local(markdown: str, more: str) -> None:
    """Only joiners are added, each by what stands in its line, and a second time none."""
    shown = escape_mentions(markdown)
    assert shown.replace(WORD_JOINER, "") == markdown.replace(WORD_JOINER, "")
    assert len(shown) - len(markdown) <= len(re.findall("[<@&]", markdown))
    assert escape_mentions(shown) == shown
    assert escape_mentions(f"{markdown}\n{more}") == f"{shown}\n{escape_mentions(more)}"


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
    ],
)
def test_notification(markdown: str, text: str) -> None:
    """A phone shows the first words without Markdown's signs, escaped, harmless, never empty."""
    assert notification(markdown) == text


@settings(deadline=None)
@given(WRITTEN)
def test_notification_of_anything(markdown: str) -> None:
    """A notification is one short line without a ping."""
    shown = notification(markdown)
    assert shown
    assert "\n" not in shown
    assert "<" not in shown
    assert len(unescape(shown).replace(WORD_JOINER, "")) <= NOTIFICATION_LENGTH
    assert not pings(shown)


@pytest.mark.parametrize(
    "unit",
    ["a", " ", "\n", "<", "<@", "<@U1|", "<!date^", "@here ", "&", "&amp;", "&#0", "\\", "`", "# "],
)
@pytest.mark.parametrize("end", ["", "x"])
def test_long_text(unit: str, end: str) -> None:
    """The time grows with the length of the text, however it is made up."""
    long = unit * (LONG // len(unit)) + end
    assert escape_mentions(long).replace(WORD_JOINER, "") == long
    assert notification(long)
    assert to_plain_text(long, NAMES, ME) is not None
    assert mentioned_users(long) == ()
    assert not addresses_others(long, ME)


@given(WRITTEN | st.text(), st.integers(2, 40))
def test_excerpts_keep_to_their_length(text: str, most: int) -> None:
    """As escaped they have no more characters than they may, and they begin as the text does."""
    shown = excerpt(text, most)
    assert len(shown) <= most
    if not shown.endswith("…"):
        assert unescape(shown).replace(WORD_JOINER, "") == text.replace(WORD_JOINER, "")


@given(st.lists(st.text(), max_size=3), st.text(min_size=1), st.lists(st.just("Cut."), max_size=2))
@example([""], " ", [])
def test_what_the_bot_adds_is_taken_off_again(
    spoken: list[str], answer: str, notes: list[str]
) -> None:
    """Quotations above an answer and sentences under it leave it as it was, but for blanks."""
    assume("⚠️ _" not in answer and not answer.lstrip().startswith(">"))
    assume(all(not each.startswith("> ") and "⚠️ _" not in each for each in spoken))
    shown = with_notes(with_quotes(spoken, answer.strip()), *notes)
    assert strip_notes(shown).strip() == answer.strip()


def test_a_long_quotation() -> None:
    """Of a long recording the beginning is quoted."""
    shown = with_quotes(["word " * 1_000], "Aye.")
    assert shown.startswith("> 🎤 word word")
    assert shown.endswith("word…\n\nAye.")
    assert len(shown) < LONGEST_QUOTE + 20
