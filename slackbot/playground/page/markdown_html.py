"""The Markdown of models as HTML that is safe to show.

markdown-it-py reads it with raw HTML switched off, and nh3 (ammonia) lets nothing through that is
not listed here: two walls, either of which would do.
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

TAGS = {
    *("a", "b", "blockquote", "br", "code", "del", "em", "h3", "hr"),
    *("li", "ol", "p", "pre", "s", "span", "strong", "table", "tbody", "td", "th", "thead", "tr"),
    "ul",
}
ATTRIBUTES = {
    "a": {"href", "title"},
    "h3": {"class"},
    "ol": {"start"},
    "span": {"class", "data-user"},
    "td": {"class"},
    "th": {"class"},
}
SCHEMES = {"http", "https", "mailto"}

MENTION = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^>]*)?>")

NameOf = Callable[[str], str | None]
"""What a person or channel with this id is called, if there is one."""


def safe(html: str) -> str:
    """Only what is listed above; links open elsewhere and take nothing along."""
    return nh3.clean(
        html,
        tags=TAGS,
        attributes=ATTRIBUTES,
        url_schemes=SCHEMES,
        link_rel="noopener noreferrer nofollow",
        set_tag_attribute_values={"a": {"target": "_blank"}},
    )


def markdown(text: str, name_of: NameOf) -> str:
    """A markdown block, https://docs.slack.dev/reference/block-kit/blocks/markdown-block"""
    return safe(_parser().render(text, {"name_of": name_of}))


def mention(user: str, name: str) -> str:
    return f'<span class="mention" data-user="{escape(user)}">@{escape(name)}</span>'


def plain(text: str) -> str:
    """A text without any markup."""
    return with_emoji(escape(text)).replace("\n", "<br>")


def with_emoji(text: str) -> str:
    """With emoji for their names, such as :wave:"""
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
    """As Slack does; a picture from elsewhere would also tell its server who reads here."""
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
    """Of table cells, as a class: the page allows no styles within its HTML."""
    for token in state.tokens:
        if token.type in ("th_open", "td_open") and "style" in token.attrs:
            token.attrs = {"class": str(token.attrs["style"]).rpartition(":")[2]}


def _level_headings(state: StateCore) -> None:
    """All below the page's own, whatever level the model gave them; how they look a class says."""
    for token in state.tokens:
        if token.type in ("heading_open", "heading_close"):
            if token.nesting == 1:
                token.attrs = {"class": token.tag}
            token.tag = "h3"
