"""Keeps what the model writes from notifying anyone, and from leading people elsewhere.

Replies go to Slack as Markdown, and whether Slack honours mentions there is not documented, nor
whether it does so within code. So nothing that looks like a mention in Slack's markup leaves the
bot, however it is spelled, and wherever it stands. Plain words such as `@here` are broken up as
well, but for those in code: nothing that Slack documents makes a mention of them.

A link whose label names another address than its own shows both. A block of HTML such as `<!--` may
have no end, and would hide what the bot writes below it. So none begins.

People copy code, so no invisible character is put into it: a mention in code gets a space, which is
seen and, in most languages, harmless. Everything else in code stays as it is, byte for byte.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from html import escape, unescape

from slackbot.markdown.code_ranges import code_ranges
from slackbot.markdown.link_labels import MAX_ADDRESS_CHARACTERS, misleading_links

WORD_JOINER = "\u2060"
"""An invisible character without width. It breaks up what would be a mention."""

MAX_MENTION_CHARACTERS = 64
"""Within so many characters, text that begins like a mention has become one or has not."""

_MENTION_START = re.compile("[<@&]")
_ENTITY_OR_TEXT = re.compile(
    r"&(?:(?:amp|#0*38|#x0*26);?)*"  # escaped again and again, a sign decodes to the same
    r"(?:#0*(?P<decimal>\d{1,7})|#x0*(?P<hex>[\da-f]{1,6})|(?P<name>[a-z]{2,31}));?"
    r"|[^&]+|&",
    re.IGNORECASE | re.ASCII,
)
_MENTION = re.compile(
    r"<(?=\\*!\\*(?:channel|here|everyone|group|subteam|(?!date\^)[a-z_]{1,32}\\*[>|^&]))"
    r"|<(?=\\*@\\*(?:(?-i:[UWBS](?![a-z]))|[uwbs][a-z0-9]*\\*[>|]))"
    r"|@(?<![a-z0-9]@)(?=\\*(?:channel|here|everyone|group)(?![a-z0-9]))",
    re.IGNORECASE | re.ASCII,
)
"""A command of Slack's (`<!…>`, of which it may know more than it documents), a person or a group,
or a word that notifies everybody, in the terms of
https://docs.slack.dev/messaging/formatting-message-text#special-mentions
"""

_HTML_START = re.compile(
    r"^ {0,3}<(?=!--|\?|!\[CDATA\[|!(?![^>\n]{0,60}>)[a-z]|(?:script|pre|style|textarea)(?![\w-]))",
    re.IGNORECASE | re.ASCII | re.MULTILINE,
)
"""The blocks that no blank line ends: https://spec.commonmark.org/0.31.2/#html-blocks"""

_LABELLED = re.compile(
    r"<(?=[a-z]+:[^<>\s|]*\|[^<>|]{0,200}?(?::/|www\.))", re.IGNORECASE | re.ASCII
)
"""A link in Slack's markup whose label is an address."""

_UNFINISHED_LINK = re.compile(r"\](?:\(\s*<?[^\s()<>]*)?\Z")


def escape_mentions(markdown: str) -> str:
    """The same text, with a word joiner inside everything that may notify anyone, and a space in
    what begins HTML without an end, or a link that leads elsewhere than it says.

    In code, a mention in Slack's markup gets a space instead, and plain words stay. It finds
    mentions as they are written, and as Slack may decode them. There is at most one insertion for
    each `<`, `@` and `&`, and each `]` of a misleading link.
    """
    return _escape(markdown, len(markdown))


def escape_stable_prefix(markdown: str) -> str:
    """The beginning of a text that grows, escaped: it stays as it is, and never gets shorter,
    whatever text follows.
    """
    tail = len(markdown) - MAX_MENTION_CHARACTERS
    unfinished = (
        _MENTION_START.search(markdown, max(tail, 0)),
        _UNFINISHED_LINK.search(markdown, max(len(markdown) - MAX_ADDRESS_CHARACTERS, 0)),
    )
    end = min((each.start() for each in unfinished if each), default=len(markdown))
    return _escape(markdown, end).rstrip()


def escape_mrkdwn(text: str) -> str:
    """Slack's markup (mrkdwn) that shows the text exactly as it is written.

    https://docs.slack.dev/messaging/formatting-message-text#escaping
    """
    return break_mentions(escape(text, quote=False))


def break_mentions(text: str) -> str:
    """A text that is no Markdown, such as a title, with a word joiner inside each mention."""
    pieces, start = [], 0
    for place in sorted(dict(_mentions(text))):
        pieces += [text[start:place], WORD_JOINER]
        start = place
    return "".join((*pieces, text[start:]))


def _escape(markdown: str, end: int) -> str:
    """Escapes the text up to `end`; what follows decides with it what is code there."""
    found = dict(_misleading(markdown)) | dict(_mentions(markdown))
    places = {place: sign for place, sign in found.items() if place < end}
    if not places:
        return markdown[:end]
    code = list(code_ranges(markdown))
    pieces, start = [], 0
    for place, sign in sorted(places.items()):
        number = bisect_right(code, (place, len(markdown))) - 1
        in_code = number >= 0 and place <= code[number][1]
        if in_code and sign in {"@", "html", "]"}:
            continue
        pieces += [markdown[start:place], " " if in_code or sign in {"html", "]"} else WORD_JOINER]
        start = place
    return "".join((*pieces, markdown[start:end]))


def _misleading(markdown: str) -> Iterator[tuple[int, str]]:
    """Yields where HTML without an end, and a link with a wrong label, are to be broken up, and the
    sign before that place.
    """
    for form in (_HTML_START, _LABELLED):
        yield from ((match.end(), "html") for match in form.finditer(markdown))
    yield from ((end, "]") for end in misleading_links(markdown))


def _mentions(markdown: str) -> Iterator[tuple[int, str]]:
    """Yields where each mention is to be broken up, and the sign before that place."""
    for match in _MENTION.finditer(markdown):
        yield match.end(), match[0]
    if "&" in markdown:
        decoded, ends = _decode_entities(markdown)
        for match in _MENTION.finditer(decoded):
            yield ends[match.start()], match[0]


def _decode_entities(markdown: str) -> tuple[str, list[int]]:
    """The text with its entities decoded, and where each character of it ends in `markdown`."""
    decoded: list[str] = []
    ends: list[int] = []
    for match in _ENTITY_OR_TEXT.finditer(markdown):
        if match.lastgroup:
            characters = _decode_entity(match)
            ends += [match.end()] * len(characters)
        else:
            characters = match[0]
            ends += range(match.start() + 1, match.end() + 1)
        decoded.append(characters)
    return "".join(decoded), ends


def _decode_entity(entity: re.Match[str]) -> str:
    number = f"#{entity['decimal']}" if entity["decimal"] else f"#x{entity['hex']}"
    return unescape(f"&{entity['name'].lower() if entity['name'] else number};")
