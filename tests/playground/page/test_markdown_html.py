import re
from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from slackbot.playground.page.markdown_html import (
    ALLOWED_ATTRIBUTES,
    ALLOWED_TAGS,
    markdown_to_html,
)
from slackbot.playground.page.mrkdwn_html import mrkdwn_to_html

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
    """Collects the tags, attributes and URLs that a browser would see."""

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


ALLOWED = {(tag, name) for tag, names in ALLOWED_ATTRIBUTES.items() for name in names} | {
    ("a", "rel"),
    ("a", "target"),
}


@given(HOSTILE)
def test_nothing_strange_comes_through(text: str) -> None:
    """Hostile text gives only allowed tags and attributes, and only web links."""
    for html in (markdown_to_html(text, NAMES.get), mrkdwn_to_html(text, NAMES.get)):
        read = Reader(html)
        assert read.tags <= ALLOWED_TAGS
        assert read.attributes <= ALLOWED
        assert all(re.match(r"https?://|mailto:|[^:]*$", link) for link in read.links)
