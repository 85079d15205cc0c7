"""The rich text that Slack's clients send along with what people type.

https://docs.slack.dev/reference/block-kit/blocks/rich-text-block
"""

import re
from collections.abc import Iterator

from slackbot.playground.json_types import Json

_TOKEN = re.compile(r"<([@#!]?)([^<>|]+)(?:\|([^<>]*))?>")

_MENTIONS = {"@": ("user", "user_id"), "#": ("channel", "channel_id"), "!": ("broadcast", "range")}


def typed_blocks(text: str) -> list[Json]:
    """Returns the blocks of a message that a person typed, whose text is in Slack's markup."""
    section = {"type": "rich_text_section", "elements": list(_elements(text))}
    return [{"type": "rich_text", "elements": [section]}] if text else []


def _elements(text: str) -> Iterator[Json]:
    end = 0
    for found in _TOKEN.finditer(text):
        yield from _plain(text[end : found.start()])
        end, sign, target = found.end(), found[1], found[2]
        group = target.removeprefix("subteam^")
        if sign == "!" and group != target:
            yield {"type": "usergroup", "usergroup_id": group}
        elif sign:
            kind, field = _MENTIONS[sign]
            yield {"type": kind, field: target}
        else:
            yield {"type": "link", "url": _unescaped(target)} | (
                {"text": _unescaped(found[3])} if found[3] else {}
            )
    yield from _plain(text[end:])


def _plain(text: str) -> Iterator[Json]:
    if text:
        yield {"type": "text", "text": _unescaped(text)}


def _unescaped(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
