"""Keeps what the model writes from notifying anyone.

Replies go to Slack as Markdown, and whether Slack honours mentions there is not documented. So
nothing that looks like a mention leaves the bot, however it is spelled.
"""

import re
from html import escape, unescape
from itertools import pairwise

WORD_JOINER = "\u2060"
"""An invisible character without width. It breaks up what would be a mention."""

MAX_MENTION_CHARACTERS = 64
"""Within so many characters, text that begins like a mention has become one or has not."""

_MENTION_START = re.compile("[<@&]")
_ENTITY_OR_TEXT = re.compile(
    r"&(?:amp;?)*(?:#0*(?P<decimal>\d{1,7})|#x0*(?P<hex>[\da-f]{1,6})|(?P<name>[a-z]{2,8}));?"
    r"|[^&]+|&",
    re.IGNORECASE | re.ASCII,
)
_MENTION = re.compile(
    r"<(?=\\*!\\*(?:channel|here|everyone|subteam))"
    r"|<(?=\\*@\\*(?:(?-i:[UWB](?![a-z]))|[uwb][a-z0-9]*\\*[>|]))"
    r"|@(?<![a-z0-9]@)(?=\\*(?:channel|here|everyone)(?![a-z0-9]))",
    re.IGNORECASE | re.ASCII,
)


def escape_mentions(markdown: str) -> str:
    """The same text, with a word joiner inside everything that may notify anyone.

    It finds mentions as they are written, and as Slack may decode them. Each insertion depends on a
    few characters of the same line, and there is at most one for each `<`, `@` and `&`.
    """
    places = {match.end() for match in _MENTION.finditer(markdown)}
    if "&" in markdown:
        decoded, ends = _decode_entities(markdown)
        places |= {ends[match.start()] for match in _MENTION.finditer(decoded)}
    cuts = [0, *sorted(places), len(markdown)]
    return WORD_JOINER.join(markdown[start:end] for start, end in pairwise(cuts))


def stable_prefix(markdown: str) -> str:
    """The beginning that `escape_mentions` escapes in the same way, whatever text follows."""
    tail = len(markdown) - MAX_MENTION_CHARACTERS
    unfinished = _MENTION_START.search(markdown, max(tail, 0))
    return markdown[: unfinished.start() if unfinished else None].rstrip()


def escape_mrkdwn(text: str) -> str:
    """Slack's markup (mrkdwn) that shows the text exactly as it is written.

    https://docs.slack.dev/messaging/formatting-message-text#escaping
    """
    return escape_mentions(escape(text, quote=False))


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
