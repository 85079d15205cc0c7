"""The beginning of a text, for places that have room for little: notifications, lists, forms."""

import re

from slackbot.markdown.escaping import escape_mrkdwn

MAX_NOTIFICATION_CHARACTERS = 150
"""Counted before escaping. A phone shows about as many."""

_FORMATTING = re.compile(r"^ {0,3}(?:`{3,}[^`\n]*|~{3,}.*)$|^ {0,3}#{1,6}[ \t]+|\*\*|`")


def excerpt(text: str, max_characters: int) -> str:
    """The beginning of a text as mrkdwn, of at most `max_characters` after escaping."""
    shown = escape_mrkdwn(text[:max_characters])
    if len(text) <= max_characters and len(shown) <= max_characters:
        return shown
    kept = max_characters - 1
    while len(shown := escape_mrkdwn(text[:kept])) >= max_characters:
        kept = kept * 9 // 10
    return f"{shown}…"


def notification_text(markdown: str) -> str:
    """The beginning of a message in one line, for the `text` argument of `chat.postMessage`.

    Slack shows that in notifications. It is never empty.
    https://docs.slack.dev/reference/methods/chat.postMessage#text-usage
    """
    line = ""
    for each in markdown.split("\n"):
        line = " ".join((line, *_FORMATTING.sub("", each).split())).lstrip()
        if len(line) > MAX_NOTIFICATION_CHARACTERS:
            break
    if len(line) > MAX_NOTIFICATION_CHARACTERS:
        end = line.rfind(" ", MAX_NOTIFICATION_CHARACTERS // 2, MAX_NOTIFICATION_CHARACTERS)
        line = line[: end if end > 0 else MAX_NOTIFICATION_CHARACTERS - 1] + "…"
    return escape_mrkdwn(line) or "…"
