"""Reads the blocks of a message or an attachment, from top to bottom.

https://docs.slack.dev/reference/block-kit/blocks
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from slackbot.slack.json_fields import object_in, objects_in, text_in
from slackbot.slack.message_text import texts
from slackbot.slack.message_text.rich_text import MAX_DEPTH, read_rich_text
from slackbot.slack.message_text.syntaxes import Syntax
from slackbot.slack.message_text.tables import read_table

PARTS: Mapping[str, tuple[str, ...]] = {
    "section": ("text", "fields", "accessory"),
    "alert": ("text",),
    "card": ("hero_image", "icon", "title", "subtitle", "body", "actions"),
    "carousel": ("elements",),
    "container": ("title", "rich_text_title", "subtitle", "child_blocks"),
    "plan": ("title", "tasks"),
    "task_card": ("title", "details", "output", "sources"),
    "actions": ("elements",),
    "context_actions": (),
    "input": ("label",),
}
"""The parts of a block that people read, in their order."""

UNKNOWN_PARTS = (
    *("title", "subtitle", "label", "text", "caption", "description", "alt_text", "fields"),
    *("body", "details", "output", "accessory", "blocks", "child_blocks", "elements", "tasks"),
    *("rows", "cells", "fallback"),
)
"""Where a block that nobody knows yet may have its text."""

Json = Mapping[str, Any]


def read_blocks(blocks: Iterable[Json], syntax: Syntax, depth: int = MAX_DEPTH) -> str:
    """Returns the text of blocks, with a blank line between them."""
    read = (read_block(block, syntax, depth) for block in blocks)
    return "\n\n".join(text for text in read if text)


def read_block(block: Json, syntax: Syntax, depth: int) -> str:
    """Returns the text of a block, an element or a text object; "" if it has none."""
    if depth <= 0:
        return ""
    kind = text_in(block, "type")
    if kind in READERS:
        return READERS[kind](block, syntax, depth)
    parts = (block.get(name) for name in PARTS.get(kind, UNKNOWN_PARTS))
    return "\n".join(filter(None, (_part(each, syntax, depth - 1) for each in parts)))


def _part(value: Any, syntax: Syntax, depth: int) -> str:
    """Returns the text of a field: a text, an object, or a list of such."""
    if isinstance(value, str):
        return syntax.literal(value.strip())
    if isinstance(value, dict):
        return read_block(value, syntax, depth)
    if not isinstance(value, list) or depth <= 0:
        return ""
    return "\n".join(filter(None, (_part(each, syntax, depth - 1) for each in value)))


def _literal(block: Json, syntax: Syntax, _: int) -> str:
    return syntax.literal(text_in(block, "text").strip())


def _mrkdwn(block: Json, syntax: Syntax, _: int) -> str:
    return syntax.from_mrkdwn(text_in(block, "text").strip())


def _header(block: Json, syntax: Syntax, depth: int) -> str:
    title = _part(block.get("text"), syntax, depth - 1)
    return f"## {' '.join(title.split())}" if title else ""


def _divider(_block: Json, _syntax: Syntax, _depth: int) -> str:
    return "---"


def _context(block: Json, syntax: Syntax, depth: int) -> str:
    parts = (read_block(each, syntax, depth - 1) for each in objects_in(block, "elements"))
    return " ".join(filter(None, parts))


def _image(block: Json, syntax: Syntax, depth: int) -> str:
    alt = syntax.literal(" ".join(text_in(block, "alt_text").split()))
    title = _part(block.get("title"), syntax, depth - 1)
    return "\n".join(filter(None, (title, texts.IMAGE.format(alt=alt) if alt else "")))


def _video(block: Json, syntax: Syntax, depth: int) -> str:
    """https://docs.slack.dev/reference/block-kit/blocks/video-block"""
    title = text_in(object_in(block, "title"), "text") or text_in(block, "alt_text")
    url = text_in(block, "title_url") or text_in(block, "video_url")
    names = (syntax.literal(text_in(block, name)) for name in ("author_name", "provider_name"))
    about = _part(block.get("description"), syntax, depth - 1)
    return "\n".join(filter(None, (syntax.link(url, title), *names, about)))


def _button(block: Json, syntax: Syntax, _: int) -> str:
    """Returns where a button leads. One that only tells an app something says nothing."""
    url, label = text_in(block, "url"), block.get("text")
    shown = label if isinstance(label, str) else text_in(object_in(block, "text"), "text")
    return syntax.link(url, shown) if url else ""


READERS: Mapping[str, Callable[[Json, Syntax, int], str]] = {
    "button": _button,
    "context": _context,
    "data_table": read_table,
    "divider": _divider,
    "header": _header,
    "image": _image,
    "markdown": _literal,
    "mrkdwn": _mrkdwn,
    "plain_text": _literal,
    "rich_text": read_rich_text,
    "table": read_table,
    "url": _button,
    "video": _video,
    "workflow_button": _button,
}
