"""Converts Slack's own markup to safe HTML.

https://docs.slack.dev/messaging/formatting-message-text - texts arrive with &, < and > escaped, and
everything in angle brackets is Slack's.
"""

import re
from collections.abc import Callable, Mapping
from html import escape, unescape

from slackbot.playground.page.markdown_html import MENTION, NameOf, mention, safe, with_emoji

CODE_BLOCK = re.compile(r"```\n?(.*?)\n?```\n?", re.DOTALL)
INLINE_CODE = re.compile(r"`([^`\n]+)`")
ANGLE_BRACKETS = re.compile(r"<([^<>\n]+)>")
CHANNEL = re.compile(r"#([CDG][A-Z0-9]+)(?:\|(.*))?")
LINK = re.compile(r"((?:https?://|mailto:)[^|]+)(?:\|(.*))?")
SPECIAL = re.compile(r"!(here|channel|everyone)(?:\|.*)?")
DATE = re.compile(r"!date\^\d+\^[^|]*\|(.*)")
QUOTE_REST = "&gt;&gt;&gt;"
EMPHASIS_TAGS: Mapping[str, str] = {"*": "strong", "_": "em", "~": "del"}
EMPHASIZED = re.compile(r"(?<![\w*_~])([*_~])(?=\S)([^\n]{0,2000}?\S)\1(?![\w*_~])")
PLACEHOLDER = re.compile("\0(\\d+)\0")


def mrkdwn_to_html(text: str, name_of: NameOf) -> str:
    """Converts a text in Slack's markup to the HTML that a person sees."""
    held: list[str] = []

    def hold(html: str) -> str:
        held.append(html)
        return f"\0{len(held) - 1}\0"

    text = text.replace("\0", "")
    text = CODE_BLOCK.sub(lambda m: hold(f"<pre><code>{_literal(m[1])}</code></pre>"), text)
    text = INLINE_CODE.sub(lambda m: hold(f"<code>{_literal(m[1])}</code>"), text)
    text = ANGLE_BRACKETS.sub(lambda m: hold(_angle(m[0], m[1], name_of)), text)
    lines = _quoted(with_emoji(_literal(text)).split("\n"))
    html = _emphasised(lines)
    while PLACEHOLDER.search(html):
        html = PLACEHOLDER.sub(lambda m: held[int(m[1])], html)
    return safe(html)


def _literal(text: str) -> str:
    """Keeps Slack's own escapes, which HTML shares, and escapes everything else."""
    return escape(unescape(text), quote=False)


def _angle(whole: str, inner: str, name_of: NameOf) -> str:
    if (found := MENTION.fullmatch(whole)) is not None:
        name = name_of(found[1])
        return mention(found[1], name or found[1])
    if (found := CHANNEL.fullmatch(inner)) is not None:
        name = found[2] or name_of(found[1]) or found[1]
        return f'<span class="mention">#{_literal(name)}</span>'
    if (found := SPECIAL.fullmatch(inner)) is not None:
        return f'<span class="mention everyone">@{found[1]}</span>'
    if (found := DATE.fullmatch(inner)) is not None:
        return _literal(found[1])  # the fallback text
    if (found := LINK.fullmatch(inner)) is not None:
        label = found[2] or found[1]
        return f'<a href="{escape(unescape(found[1]))}">{_literal(label)}</a>'
    return escape(whole)


def _quoted(lines: list[str]) -> str:
    """Quotes lines that start with >, and all lines after >>>; other lines end with <br>."""
    html, quote, rest = "", False, False
    for number, line in enumerate(lines):
        if line.startswith(QUOTE_REST):
            line, rest = line.removeprefix(QUOTE_REST), True  # noqa: PLW2901 - the same line without its mark
        begins = rest or line.startswith("&gt;")
        if begins is not quote:
            html += "<blockquote>" if begins else "</blockquote>"
        elif number:
            html += "<br>"
        html += line.removeprefix("&gt;").removeprefix(" ") if begins else line
        quote = begins
    return html + ("</blockquote>" if quote else "")


def _emphasised(html: str) -> str:
    within: Callable[[re.Match[str]], str] = lambda m: (  # noqa: E731 - it is recursive
        f"<{EMPHASIS_TAGS[m[1]]}>{EMPHASIZED.sub(within, m[2])}</{EMPHASIS_TAGS[m[1]]}>"
    )
    return EMPHASIZED.sub(within, html)
