import pytest

from slackbot.markdown.mrkdwn import (
    MAX_UNNAMED_MENTIONS,
    addresses_others,
    mentioned_users,
    to_plain_text,
    unnamed_mentions,
)

ME = "U0BOT"
NAMES = {"U1": "Ana", "U2": "王小明", "U3": "R&amp;D <3", "C4": "#random", "S4": "ops"}
LONG = 200_000
"""Characters: code whose time grows with the square of the length does not finish these."""


def test_mentioned() -> None:
    """People are listed in order, each once; bots, groups and typed text are not."""
    markup = "<@U2|ana> and <@W1>, <@U2> &lt;@U3&gt; <@B1> <!subteam^S1> <#C1|x> <@U9"
    assert mentioned_users(markup) == ("U2", "W1")


def test_unnamed_mentions() -> None:
    """Channels and groups without a name are listed in order, each once, and not too many."""
    markup = "<#C2|> <#C1> <#C3|x> <!subteam^S1> <!subteam^S2|@x> <#C1|> &lt;#C4&gt; <!here>"
    assert unnamed_mentions(markup) == ("C2", "C1", "S1")
    many = "".join(f"<#C{number}>" for number in range(1_000))
    assert len(unnamed_mentions(many)) == MAX_UNNAMED_MENTIONS


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
        ("<!date^x^y> <!date^1e99^y>", "<!date^x^y> <!date^1e99^y>"),
        ("<#C4> <#C4|> <!subteam^S4>", "#random #random @ops"),
        ("<!date^1^{date}^https://x.org|18 Feb> <!date^1^x>", "18 Feb 1970-01-01 00:00 UTC"),
    ],
)
def test_plain_names(markup: str, text: str) -> None:
    """People, channels and groups appear under the names that are known."""
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
        ("<https://x.org:8080/a:b|the page>", "the page (https://x.org:8080/a:b)"),
        ("<http://x.org/|http://x.org>", "http://x.org/"),
        ("<http://x.org/X|http://x.org>", "http://x.org (http://x.org/X)"),
        ("<http://x.org/X|x.org>", "x.org (http://x.org/X)"),
    ],
)
def test_plain_links(markup: str, text: str) -> None:
    """A link becomes its address, after its label if that says something else."""
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
    """The mention of the bot is left out, with the space that it would leave."""
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
    """Escapes are undone once, and text that is not Slack's markup stays as it is."""
    assert to_plain_text(markup, NAMES, ME) == text


@pytest.mark.parametrize(
    "unit", ["a", " ", "\n", "<", "<@", "<@U1|", "<!date^", "@here ", "&", "&amp;", "&#0", "\\"]
)
@pytest.mark.parametrize("end", ["", "x"])
def test_long_text(unit: str, end: str) -> None:
    """The time grows with the length of the text, whatever it consists of."""
    long = unit * (LONG // len(unit)) + end
    assert to_plain_text(long, NAMES, ME) is not None
    assert mentioned_users(long) == ()
    assert not addresses_others(long, ME)
