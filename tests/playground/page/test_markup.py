"""Texts of people and models as HTML, and what people type as markup."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slackbot.playground.fake_slack.members import Channel, Person
from slackbot.playground.page.block_html import with_html, without_html
from slackbot.playground.page.markdown_html import ATTRIBUTES, TAGS, markdown
from slackbot.playground.page.mrkdwn_html import mrkdwn
from slackbot.playground.page.typed_markup import to_markup, to_typed

ANA = Person("U1", "ana", "Ana Okafor", "T1")
BEN = Person("U2", "ben the second", "Ben", "T1")
GENERAL = Channel("C1", "general", "channel")
NAMES = {"U1": "ana", "U2": "ben the second", "C1": "general"}

PIECES = st.sampled_from(
    (
        *("*", "_", "~", "`", "<", ">", "&", "|", "[", "]", "(", ")", "!", "#", "\n", " ", "\\"),
        *('"', "'", "=", ":", "/", "@", "a", "\0", "👋", "```", "| - |\n", "&lt;", "&#60;"),
        *("<script>", "onerror=", "javascript:", "data:", "<img src=x>", "https://x.org"),
        *("<@U1>", "<!here>"),
    )
)
HOSTILE = st.lists(PIECES, max_size=40).map("".join)


class Reader(HTMLParser):
    """What a browser would make of it: its tags, attributes and addresses."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[tuple[str, str]] = set()
        self.links: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {(tag, name) for name, _ in attrs}
        self.links += [value or "" for name, value in attrs if name == "href"]


ALLOWED = {(tag, name) for tag, names in ATTRIBUTES.items() for name in names} | {
    ("a", "rel"),
    ("a", "target"),
}


@given(HOSTILE)
def test_nothing_strange_comes_through(text: str) -> None:
    """Only tags and attributes of the list, and only links that lead to the web."""
    for html in (markdown(text, NAMES.get), mrkdwn(text, NAMES.get)):
        read = Reader(html)
        assert read.tags <= TAGS
        assert read.attributes <= ALLOWED
        assert all(re.match(r"https?://|mailto:|[^:]*$", link) for link in read.links)


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("*bold* _it_ ~no~", "<strong>bold</strong> <em>it</em> <del>no</del>"),
        ("*bold _both_*", "<strong>bold <em>both</em></strong>"),
        ("2*3*4 snake_case_name", "2*3*4 snake_case_name"),
        ("`a *b*`", "<code>a *b*</code>"),
        ("```\na < b\n```", "<pre><code>a &lt; b</code></pre>"),
        ("a &lt; b &amp;lt;", "a &lt; b &amp;lt;"),
        ("&gt; one\n&gt; two\nthree", "<blockquote>one<br>two</blockquote>three"),
        ("&gt;&gt;&gt; one\ntwo", "<blockquote>one<br>two</blockquote>"),
        ("<@U1> <@U9>", "@ana"),
        ("<#C1|general>", '<span class="mention">#general</span>'),
        ("<#C1> <#C9>", '>#general</span> <span class="mention">#C9<'),
        ("<https://x.org|there>", ">there</a>"),
        ("<!date^1795584598^{date_short} {time}|25 Nov, 05:29 UTC>.", "25 Nov, 05:29 UTC."),
        ("<!date^1^{time}^https://x.org|&lt;b&gt;>", "&lt;b&gt;"),
        (":wave: :nosuchthing:", "👋 :nosuchthing:"),
        ("one\ntwo", "one<br>two"),
    ],
)
def test_slacks_markup(text: str, html: str) -> None:
    """https://docs.slack.dev/messaging/formatting-message-text"""
    assert html in mrkdwn(text, NAMES.get)


def test_long_runs_of_signs_take_no_time() -> None:
    """Forty thousand asterisks are as quick as letters."""
    assert mrkdwn("*a " * 10_000 + "*" * 10_000, NAMES.get)


@pytest.mark.parametrize(
    ("words", "markup"),
    [
        ("@ana hello", "<@U1> hello"),
        ("hello @Ana!", "hello <@U1>!"),
        ("@ben the second, you?", "<@U2>, you?"),
        ("@ben", "@ben"),
        ("me@ana.org", "me@ana.org"),
        ("@here", "<!here>"),
        ("see #general", "see <#C1|general>"),
        ("a < b & c", "a &lt; b &amp; c"),
        ("<@U1>", "&lt;@U1&gt;"),
        ("`@ana` ```\n@ana```", "`@ana` ```\n@ana```"),
        ("(https://x.org/a?b=1&c=2).", "(<https://x.org/a?b=1&amp;c=2>)."),
        ("https://x.org|y", "<https://x.org>|y"),
    ],
)
def test_composing(words: str, markup: str) -> None:
    """Names, channels and addresses become markup; all else stays what it was."""
    assert to_markup(words, [ANA, BEN], [GENERAL]) == markup


@given(st.text(alphabet="ab @#<>&`\n:/.", max_size=60) | HOSTILE)
def test_typed_again(words: str) -> None:
    """What a person edits is what that person typed."""
    assert to_typed(to_markup(words, [ANA, BEN], [GENERAL]), NAMES).lower() == words.lower()


def test_dressed_and_undressed() -> None:
    """Texts get their HTML beside them, and what the page sends back is what the app made."""
    option = {"text": {"type": "plain_text", "text": "<b>"}, "value": "b"}
    blocks = [
        {"type": "section", "text": {"type": "mrkdwn", "text": "*a*"}},
        {"type": "markdown", "text": "**a**"},
        {"type": "actions", "elements": [{"type": "static_select", "options": [option]}]},
    ]
    shown = with_html(blocks, NAMES.get)
    assert shown[0]["text"]["html"] == "<strong>a</strong>"
    assert shown[1]["html"].strip() == "<p><strong>a</strong></p>"
    assert shown[2]["elements"][0]["options"][0]["text"]["html"] == "&lt;b&gt;"
    assert without_html(shown) == blocks


def test_rich_text() -> None:
    """https://docs.slack.dev/reference/block-kit/blocks/rich-text-block"""
    section = {
        "type": "rich_text_section",
        "elements": [
            {"type": "text", "text": "a <b>", "style": {"bold": True}},
            {"type": "user", "user_id": "U1"},
            {"type": "link", "url": "javascript:alert(1)", "text": "x"},
        ],
    }
    items = {"type": "rich_text_list", "style": "ordered", "elements": [section]}
    shown = with_html({"type": "rich_text", "elements": [section, items]}, NAMES.get)["html"]
    assert "<strong>a &lt;b&gt;</strong>" in shown
    assert "@ana" in shown
    assert "<ol><li>" in shown
    assert "javascript" not in shown
