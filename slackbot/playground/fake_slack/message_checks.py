"""Checks messages and views as Slack does: the lengths of texts, the shape of blocks.

https://docs.slack.dev/reference/block-kit/blocks - limits in characters.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from slackbot.playground.fake_slack.element_checks import check_element, check_elements, elements_of
from slackbot.playground.fake_slack.errors import RefusedError
from slackbot.playground.fake_slack.field_checks import check_string, check_text, invalid
from slackbot.playground.fake_slack.markdown_blocks import (
    MAX_TABLE_CHARACTERS,
    MAX_TABLE_ROWS,
    expand,
)
from slackbot.playground.json_types import Json

MAX_UPDATE_TEXT = 4_000
MAX_POST_TEXT = 40_000
MAX_MARKDOWN = 12_000
MAX_TEXT_OF_ALL_BLOCKS = 13_000
MAX_BLOCKS = 50
MAX_VIEW_BLOCKS = 100
MAX_SECTION_TEXT, MAX_FIELD_TEXT, MAX_HEADER_TEXT = 3_000, 2_000, 150
MAX_FIELDS, MAX_CONTEXT_ELEMENTS, MAX_ACTIONS_ELEMENTS, MAX_CONTEXT_ACTIONS_ELEMENTS = 10, 10, 25, 5
MAX_TITLE, MAX_PRIVATE_METADATA = 24, 3_000

MESSAGES_ONLY = frozenset({"context_actions", "markdown"})
"""Blocks that modals and home tabs do not support."""


def check_blocks(blocks: Sequence[Any], max_blocks: int | None = None) -> None:
    """Raises RefusedError unless Slack would show these blocks, in a message or as said."""
    max_blocks = MAX_BLOCKS if max_blocks is None else max_blocks
    _check_number(len(blocks), max_blocks)
    for number, block in enumerate(blocks):
        where = f"/blocks/{number}"
        check = _CHECKS.get(block.get("type")) if isinstance(block, dict) else None
        if check is None:
            raise invalid("unsupported type", f"{where}/type")
        check(block, where)
    markdown = sum(len(block["text"]) for block in blocks if block["type"] == "markdown")
    if markdown > MAX_MARKDOWN:
        raise RefusedError("msg_too_long")
    if sum(_length(block) for block in blocks) > MAX_TEXT_OF_ALL_BLOCKS:
        raise RefusedError("msg_blocks_too_long")
    _check_expanded(blocks, max_blocks)


def _check_number(count: int, max_blocks: int) -> None:
    if count > max_blocks:
        raise RefusedError(
            "invalid_blocks", f"no more than {max_blocks} items allowed [json-pointer:/blocks]"
        )


def _check_expanded(blocks: Sequence[Any], max_blocks: int) -> None:
    """Checks what Slack makes of markdown blocks."""
    expanded = [expand(block["text"]) for block in blocks if block["type"] == "markdown"]
    others = len(blocks) - len(expanded)
    _check_number(others + sum(each.count for each in expanded), max_blocks)
    if any(each.longest_table > MAX_TABLE_ROWS for each in expanded):
        raise invalid(f"no more than {MAX_TABLE_ROWS} items allowed", "/blocks/0/rows")
    if sum(each.table_characters for each in expanded) > MAX_TABLE_CHARACTERS:
        raise invalid(f"must be less than {MAX_TABLE_CHARACTERS + 1} characters", "/blocks/0/rows")


def check_view(view: Mapping[str, Any]) -> None:
    """Raises RefusedError unless Slack would show this modal or home tab."""
    if view.get("type") not in ("modal", "home"):
        raise RefusedError(
            "invalid_arguments", "must provide a valid type [json-pointer:/view/type]"
        )
    if not isinstance(view.get("blocks"), list):
        raise RefusedError("invalid_arguments", "missing required field: blocks")
    try:
        _check_content(view)
    except RefusedError as refusal:
        raise RefusedError("invalid_arguments", *refusal.details) from refusal


def check_metadata(metadata: Json | None) -> None:
    """https://docs.slack.dev/messaging/message-metadata"""
    if metadata is None:
        return
    if not isinstance(metadata.get("event_type"), str):
        raise RefusedError("invalid_metadata_format", "event_type must be a string")
    if not isinstance(metadata.get("event_payload"), dict):
        raise RefusedError("invalid_metadata_format", "event_payload must be an object")


def _check_content(view: Mapping[str, Any]) -> None:
    check_blocks(view["blocks"], MAX_VIEW_BLOCKS)
    kinds = {block["type"] for block in view["blocks"]}
    if kinds & MESSAGES_ONLY:
        raise invalid("unsupported type in a view", "/view/blocks")
    check_string(view, "private_metadata", MAX_PRIVATE_METADATA, "/view")
    if view["type"] == "modal":
        check_text(view, "title", MAX_TITLE, "/view", kinds=("plain_text",))
        if "input" in kinds and not view.get("submit"):
            raise invalid("submit is required with an input block", "/view")


def _section(block: Json, where: str) -> None:
    fields = block.get("fields", [])
    if "text" not in block and not fields:
        raise invalid("missing required field: text or fields", where)
    if "text" in block:
        check_text(block, "text", MAX_SECTION_TEXT, where)
    if len(fields) > MAX_FIELDS:
        raise invalid(f"no more than {MAX_FIELDS} items allowed", f"{where}/fields")
    for field in fields:
        check_text({"text": field}, "text", MAX_FIELD_TEXT, f"{where}/fields")
    if "accessory" in block:
        check_element(block["accessory"], f"{where}/accessory")


def _header(block: Json, where: str) -> None:
    check_text(block, "text", MAX_HEADER_TEXT, where, kinds=("plain_text",))


def _markdown(block: Json, where: str) -> None:
    text = block.get("text")
    if not isinstance(text, str) or not text:
        raise invalid("must be more than 0 characters", f"{where}/text")


def _context(block: Json, where: str) -> None:
    for element in elements_of(block, where, MAX_CONTEXT_ELEMENTS):
        if not isinstance(element, dict) or element.get("type") != "image":
            check_text({"text": element}, "text", MAX_SECTION_TEXT, f"{where}/elements")


def _actions(block: Json, where: str) -> None:
    check_elements(block, where, MAX_ACTIONS_ELEMENTS)


def _context_actions(block: Json, where: str) -> None:
    """https://docs.slack.dev/reference/block-kit/blocks/context-actions-block"""
    check_elements(block, where, MAX_CONTEXT_ACTIONS_ELEMENTS, in_context=True)


def _input(block: Json, where: str) -> None:
    check_text(block, "label", MAX_FIELD_TEXT, where, kinds=("plain_text",))
    element = block.get("element")
    if not isinstance(element, dict):
        raise invalid("missing required field: element", where)
    check_element(element, f"{where}/element")


def _image(block: Json, where: str) -> None:
    if not block.get("alt_text") or not (block.get("image_url") or block.get("slack_file")):
        raise invalid("missing required field: image_url and alt_text", where)


def _rich_text(block: Json, where: str) -> None:
    if not isinstance(block.get("elements"), list):
        raise invalid("missing required field: elements", where)


def _anything(_block: Json, _where: str) -> None:
    """Accepts any block."""


_CHECKS: dict[Any, Callable[[Json, str], None]] = {
    "actions": _actions,
    "context": _context,
    "context_actions": _context_actions,
    "divider": _anything,
    "header": _header,
    "image": _image,
    "input": _input,
    "markdown": _markdown,
    "rich_text": _rich_text,
    "section": _section,
}


def _length(value: Any) -> int:
    """Counts the characters of all texts in a block."""
    if isinstance(value, list):
        return sum(map(_length, value))
    if not isinstance(value, dict):
        return 0
    text = value.get("text")
    own = len(text) if isinstance(text, str) else 0
    return own + sum(map(_length, value.values()))
