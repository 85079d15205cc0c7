"""What people type, and what Slack makes of the bot's Markdown."""

from typing import Any

import pytest

from slackbot.slack.message_text.rich_text import read_rich_text
from slackbot.slack.message_text.syntaxes import MARKDOWN, MRKDWN

Json = dict[str, Any]


def text(words: str, *styles: str) -> Json:
    return {"type": "text", "text": words, "style": dict.fromkeys(styles, True)}


def section(*elements: Json) -> Json:
    return {"type": "rich_text_section", "elements": list(elements)}


def block(*elements: Json) -> Json:
    return {"type": "rich_text", "elements": list(elements)}


def listed(*items: str, **fields: Any) -> Json:
    return {"type": "rich_text_list", "elements": [section(text(each)) for each in items], **fields}


@pytest.mark.parametrize(
    ("element", "markup", "markdown"),
    [
        (text("a < b & c"), "a &lt; b &amp; c", "a < b & c"),
        (text("<@U1>"), "&lt;@U1&gt;", "<@U1>"),
        ({"type": "user", "user_id": "U1"}, "<@U1>", "<@U1>"),
        ({"type": "user", "user_id": "U1> <!here"}, "U1&gt; &lt;!here", "U1> <!here"),
        ({"type": "channel", "channel_id": "C1"}, "<#C1>", "<#C1>"),
        ({"type": "usergroup", "usergroup_id": "S1"}, "<!subteam^S1>", "<!subteam^S1>"),
        ({"type": "broadcast", "range": "here"}, "<!here>", "<!here>"),
        (
            {"type": "link", "url": "https://x.org/?a=1&b=|", "text": "the\npage"},
            "<https://x.org/?a=1&amp;b=%7C|the page>",
            "[the\npage](https://x.org/?a=1&b=|)",
        ),
        ({"type": "link", "url": "https://x.org"}, "<https://x.org>", "https://x.org"),
        ({"type": "link", "url": "x <!here>"}, "x &lt;!here&gt;", "x <!here>"),
        ({"type": "emoji", "name": "ship", "unicode": "1f6a2"}, "🚢", "🚢"),
        ({"type": "emoji", "name": "+1", "unicode": "1f44d-1f3fd"}, "👍🏽", "👍🏽"),
        ({"type": "emoji", "name": "our-logo"}, ":our-logo:", ":our-logo:"),
        ({"type": "emoji", "name": "odd", "unicode": "d800"}, ":odd:", ":odd:"),
        ({"type": "emoji", "name": "odd", "unicode": "ffffffffff"}, ":odd:", ":odd:"),
        ({"type": "date", "timestamp": 0, "fallback": "1 Jan"}, "1 Jan", "1 Jan"),
        ({"type": "date", "timestamp": 0}, "1970-01-01 00:00 UTC", "1970-01-01 00:00 UTC"),
        ({"type": "color", "value": "#F405B3"}, "#F405B3", "#F405B3"),
        ({"type": "hologram", "text": "new"}, "new", "new"),
        (text("a", "bold"), "*a*", "**a**"),
        (text("a", "italic"), "_a_", "_a_"),
        (text("a", "strike"), "~a~", "~~a~~"),
        (text("a", "bold", "italic", "strike"), "~*_a_*~", "~~**_a_**~~"),
        (text(" a ", "bold"), " *a* ", " **a** "),
        (text("a\n \n b", "bold"), "*a*\n \n *b*", "**a**\n \n **b**"),
        (text("a<b", "code"), "`a&lt;b`", "`a<b`"),
        (text("a`b", "code"), "``a`b``", "``a`b``"),
        (text("`", "code", "bold"), "*`` ` ``*", "**`` ` ``**"),
        (text("a", "underline"), "a", "a"),
    ],
)
def test_elements(element: Json, markup: str, markdown: str) -> None:
    """Each element is read in Slack's markup, and in Markdown; nothing typed becomes a mention."""
    around = block(section(text("("), element, text(")")))
    assert read_rich_text(around, MRKDWN) == f"({markup})"
    assert read_rich_text(around, MARKDOWN) == f"({markdown})"


def test_neighbours_of_one_style() -> None:
    """Text and a link or code that are bold together are one bold part."""
    link = {"type": "link", "url": "https://x.org", "text": "x", "style": {"bold": True}}
    parts = section(text("Used ", "bold"), text("a", "bold", "code"), text(" of ", "bold"), link)
    assert read_rich_text(block(parts), MARKDOWN) == "**Used `a` of [x](https://x.org)**"


def test_lists() -> None:
    """A list continues after the one within it, with its own numbers."""
    lists = block(
        section(text("Do:\n")),
        listed("one", "two", style="ordered", indent=0),
        listed("inner\nline", style="bullet", indent=1),
        listed("three", style="ordered", indent=0, offset=2),
        section(text("Done")),
    )
    expected = "Do:\n\n1. one\n2. two\n    - inner\n        line\n3. three\n\nDone"
    assert read_rich_text(lists, MRKDWN) == read_rich_text(lists, MARKDOWN) == expected


def test_quotes_and_code() -> None:
    """A fence is longer than any in the code, and a quote covers each of its lines."""
    parts = block(
        {"type": "rich_text_quote", "elements": [text("a\n\nb")]},
        {
            "type": "rich_text_preformatted",
            "language": "sql",
            "elements": [text("```\n1 < 2\n"), {"type": "link", "url": "https://x.org"}],
        },
    )
    markdown = "> a\n>\n> b\n\n````sql\n```\n1 < 2\nhttps://x.org\n````"
    assert read_rich_text(parts, MARKDOWN) == markdown
    assert read_rich_text(parts, MRKDWN) == markdown.replace("<", "&lt;").replace(">", "&gt;")


@pytest.mark.parametrize("odd", [None, True, -1, 10**40, "2", 1.5, [], {}])
def test_odd_numbers(odd: Any) -> None:
    """An indent or an offset of any kind makes no endless line."""
    assert len(read_rich_text(block(listed("a", indent=odd, offset=odd)), MARKDOWN)) < 100
