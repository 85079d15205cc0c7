"""Converts what a person types to Slack's markup, and back. Pure.

https://docs.slack.dev/messaging/formatting-message-text#advanced
"""

import re
from collections.abc import Iterable, Mapping
from html import escape, unescape

from slackbot.playground.fake_slack.members import Channel, Person

CODE = re.compile(r"(```.*?(?:```|\Z)|`[^`\n]+`)", re.DOTALL)
WORD = re.compile(
    r"(?P<url>https?://[^\s<>|&\"']*(?:&amp;[^\s<>|&\"']*)*)"
    r"|(?<![\w@#])(?P<sign>[@#])(?P<name>[\w](?:(?!https?://)[\w.\- ])*)"
)
TRAILING_PUNCTUATION = ".,;:!?)]}"
GROUP_MENTIONS = ("here", "channel", "everyone")
ANGLE_BRACKETS = re.compile(r"<([@#!]?)([^<>|\n]+)(?:\|([^<>\n]*))?>")


def to_markup(typed: str, people: Iterable[Person], channels: Iterable[Channel]) -> str:
    """Puts mentions, channels and URLs into angle brackets, except within code."""
    names = {"@": {person.name.lower(): person.mention for person in people}}
    names["@"] |= {word: f"<!{word}>" for word in GROUP_MENTIONS}
    names["#"] = {channel.name.lower(): f"<#{channel.id}|{channel.name}>" for channel in channels}

    def marked(found: re.Match[str]) -> str:
        if url := found["url"]:
            end = len(url.rstrip(TRAILING_PUNCTUATION))
            return f"<{url[:end]}>{url[end:]}"
        return _named(names[found["sign"]], found)

    parts = CODE.split(escape(typed, quote=False))
    return "".join(
        part if number % 2 else WORD.sub(marked, part) for number, part in enumerate(parts)
    )


def to_typed(markup: str, names: Mapping[str, str]) -> str:
    """Converts markup back to typed text; `names` maps ids to people's names."""

    def plain(found: re.Match[str]) -> str:
        kind, what, label = found.groups()
        if kind == "@":
            return f"@{names.get(what, what)}"
        return f"{'@' if kind == '!' else kind}{what if kind == '!' else label or what}"

    return unescape(ANGLE_BRACKETS.sub(plain, markup))


def _named(known: Mapping[str, str], found: re.Match[str]) -> str:
    """Finds the longest name at the start of the words, as names may contain spaces."""
    words = found["name"]
    for end in range(len(words), 0, -1):
        if end < len(words) and re.match(r"\w", words[end]):
            continue
        if (markup := known.get(words[:end].lower())) is not None:
            return markup + words[end:]
    return found[0]
