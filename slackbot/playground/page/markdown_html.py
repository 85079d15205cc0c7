"""Converts the model's Markdown to safe HTML.

markdown-it-py reads it with raw HTML switched off, and nh3 (ammonia) lets nothing through that is
not listed here. Either of the two would be enough.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from html import escape

import emoji
import nh3
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

ALLOWED_TAGS = {
    *("a", "b", "blockquote", "br", "code", "del", "em", "h3", "hr"),
    *("li", "ol", "p", "pre", "s", "span", "strong", "table", "tbody", "td", "th", "thead", "tr"),
    "ul",
}
ALLOWED_ATTRIBUTES = {
    "a": {"href", "title"},
    "h3": {"class"},
    "ol": {"start"},
    "span": {"class", "data-user"},
    "td": {"class"},
    "th": {"class"},
}
ALLOWED_SCHEMES = {"http", "https", "mailto"}

MENTION = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^>]*)?>")

NameOf = Callable[[str], str | None]
"""Returns the name of the person or channel with an id, if there is one."""


def safe(html: str) -> str:
    """Keeps only the allowed tags; links open in a new tab and send no referrer."""
    return nh3.clean(
        html,
        tags=ALLOWED_TAGS,
        attributes=ALLOWED_ATTRIBUTES,
        url_schemes=ALLOWED_SCHEMES,
        link_rel="noopener noreferrer nofollow",
        set_tag_attribute_values={"a": {"target": "_blank"}},
    )


def markdown_to_html(text: str, name_of: NameOf) -> str:
    """Converts the text of a markdown block: https://docs.slack.dev/reference/block-kit/blocks/markdown-block"""
    return safe(_parser().render(text, {"name_of": name_of}))


def mention(user: str, name: str) -> str:
    return f'<span class="mention" data-user="{escape(user)}">@{escape(name)}</span>'


def plain(text: str) -> str:
    """Converts plain text, without any markup."""
    return with_emoji(escape(text)).replace("\n", "<br>")


def with_emoji(text: str) -> str:
    """Replaces names such as :wave: with their emoji."""
    return emoji.emojize(text, language="alias")


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "linkify": True, "breaks": True})
    parser.enable(["linkify", "strikethrough", "table"])
    if parser.linkify is not None:
        parser.linkify.set({"fuzzy_link": False, "fuzzy_email": False})
    parser.core.ruler.push("mentions", _show_mentions)
    parser.core.ruler.push("images", _show_links_for_images)
    parser.core.ruler.push("alignment", _name_alignment)
    parser.core.ruler.push("headings", _level_headings)
    return parser


def _show_mentions(state: StateCore) -> None:
    name_of: NameOf = state.env["name_of"]
    for token in state.tokens:
        if token.children:
            token.children = [
                part for child in token.children for part in _with_mentions(child, name_of)
            ]


def _with_mentions(token: Token, name_of: NameOf) -> Iterator[Token]:
    if token.type != "text":
        yield token
        return
    end = 0
    for found in MENTION.finditer(token.content):
        name = name_of(found[1])
        if name is not None:
            yield _text(token.content[end : found.start()])
            yield Token("html_inline", "", 0, content=mention(found[1], name))
            end = found.end()
    yield _text(token.content[end:])


def _text(content: str) -> Token:
    return Token("text", "", 0, content=with_emoji(content))


def _show_links_for_images(state: StateCore) -> None:
    """Shows links for images, as Slack does: loading one would tell its server about the reader."""
    for token in state.tokens:
        if token.children:
            token.children = [part for child in token.children for part in _linked(child)]


def _linked(token: Token) -> Sequence[Token]:
    if token.type != "image":
        return [token]
    href = {"href": token.attrs.get("src", "")}
    return [
        Token("link_open", "a", 1, attrs=href),
        Token("text", "", 0, content=token.content or str(href["href"])),
        Token("link_close", "a", -1),
    ]


def _name_alignment(state: StateCore) -> None:
    """Sets the alignment of table cells by class: the page allows no inline styles."""
    for token in state.tokens:
        if token.type in ("th_open", "td_open") and "style" in token.attrs:
            token.attrs = {"class": str(token.attrs["style"]).rpartition(":")[2]}


def _level_headings(state: StateCore) -> None:
    """Makes every heading an h3, below the page's own headings; a class keeps its level."""
    for token in state.tokens:
        if token.type in ("heading_open", "heading_close"):
            if token.nesting == 1:
                token.attrs = {"class": token.tag}
            token.tag = "h3"
