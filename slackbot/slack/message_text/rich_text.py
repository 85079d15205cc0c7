"""Reads rich text: what people type in Slack, and what Slack makes of the bot's Markdown.

https://docs.slack.dev/reference/block-kit/blocks/rich-text-block
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby, pairwise
from typing import Any

from slackbot.markdown.code_blocks import code_block, code_span
from slackbot.markdown.dates import utc_minute
from slackbot.slack.json_fields import number_in, object_in, objects_in, text_in
from slackbot.slack.message_text.syntaxes import Style, Syntax

MAX_DEPTH = 10
"""How deep blocks, lists and attachments may lie in each other. Slack's go to five or six."""

MAX_INDENT = 8
"""https://docs.slack.dev/reference/block-kit/blocks/rich-text-block#element-types"""

MAX_LIST_OFFSET = 1_000_000

INDENT = " " * 4
"""Enough for a list below "1. " as well as below "- "."""

MAX_CODE_POINT = 0x10FFFF

STYLES: tuple[Style, ...] = ("strike", "bold", "italic")
"""The innermost last."""

FALLBACK_FIELDS = ("text", "fallback", "value", "url", "name")
"""Where elements that nobody knows yet may have their text."""

_ID = re.compile(r"\w+")
_LANGUAGE = re.compile(r"[\w+#.-]{1,32}")

Json = Mapping[str, Any]


def read_rich_text(block: Json, syntax: Syntax, depth: int = MAX_DEPTH) -> str:
    """Returns the text of a `rich_text` block."""
    parts = [(text_in(each, "type"), each) for each in objects_in(block, "elements")]
    read = [(kind, read_element(each, syntax, depth - 1)) for kind, each in parts]
    shown = [(kind, text) for kind, text in read if text.strip()]
    if not shown:
        return ""
    lines = [shown[0][1]]
    for (before, _), (kind, text) in pairwise(shown):
        lines += ["\n" if before == kind == "rich_text_list" else "\n\n", text]
    return "".join(lines)


def read_element(element: Json, syntax: Syntax, depth: int) -> str:
    """Returns the text of a section, list, quote or code block."""
    if depth <= 0:
        return ""
    match text_in(element, "type"):
        case "rich_text_list":
            return _list(element, syntax, depth)
        case "rich_text_quote":
            return quoted(_inline(objects_in(element, "elements"), syntax), syntax)
        case "rich_text_preformatted":
            return _code_block(element, syntax)
    return _inline(objects_in(element, "elements"), syntax).strip("\n")


def quoted(text: str, syntax: Syntax) -> str:
    """Returns a text as a quote; "" if there is none."""
    mark = syntax.literal(">")
    if not text.strip():
        return ""
    return "\n".join(f"{mark} {line}".rstrip() for line in text.strip("\n").splitlines())


def _list(element: Json, syntax: Syntax, depth: int) -> str:
    indent = INDENT * number_in(element, "indent", most=MAX_INDENT)
    start = number_in(element, "offset", most=MAX_LIST_OFFSET) + 1
    ordered = element.get("style") == "ordered"
    lines = []
    for number, item in enumerate(objects_in(element, "elements"), start):
        first, *others = read_element(item, syntax, depth - 1).split("\n")
        lines.append(f"{indent}{f'{number}.' if ordered else '-'} {first}".rstrip())
        lines += [f"{indent}{INDENT}{line}".rstrip() for line in others]
    return "\n".join(lines)


def _code_block(element: Json, syntax: Syntax) -> str:
    code = "".join(map(_plain, objects_in(element, "elements"))).strip("\n")
    language = text_in(element, "language")
    info = language if _LANGUAGE.fullmatch(language) else ""
    return syntax.literal(code_block(code, info)) if code else ""


def _inline(elements: Iterable[Json], syntax: Syntax) -> str:
    """Neighbours of one style share its markers: `**a**` and `**b**` would not read `**ab**`."""
    return "".join(
        _styled(_runs(list(group), syntax), styles, syntax)
        for styles, group in groupby(elements, _styles)
    )


def _runs(elements: Sequence[Json], syntax: Syntax) -> str:
    return "".join(
        _run(is_code, list(group), syntax) for is_code, group in groupby(elements, _is_code)
    )


def _run(is_code: bool, elements: Sequence[Json], syntax: Syntax) -> str:  # noqa: FBT001 - a key
    if not is_code:
        return "".join(_piece(each, syntax) for each in elements)
    code = "".join(map(_plain, elements))
    return syntax.literal(code_span(code)) if code.strip() else code


def _styled(text: str, styles: Sequence[Style], syntax: Syntax) -> str:
    """Puts the markers around the words of each line: `** a**` would not be bold."""
    before = "".join(syntax.markers[style] for style in styles)
    return "\n".join(_marked(line, before) for line in text.split("\n")) if before else text


def _marked(line: str, before: str) -> str:
    words = line.strip()
    if not words:
        return line
    start, _, end = line.partition(words)
    return f"{start}{before}{words}{before[::-1]}{end}"


def _piece(element: Json, syntax: Syntax) -> str:
    match text_in(element, "type"):
        case "link":
            return syntax.link(text_in(element, "url"), text_in(element, "text"))
        case "user":
            return _reference("@", text_in(element, "user_id"), syntax)
        case "channel":
            return _reference("#", text_in(element, "channel_id"), syntax)
        case "usergroup":
            return _reference("!subteam^", text_in(element, "usergroup_id"), syntax)
        case "broadcast":
            return _reference("!", text_in(element, "range"), syntax)
    return syntax.literal(_plain(element))


def _reference(prefix: str, name: str, syntax: Syntax) -> str:
    return syntax.reference(prefix + name) if _ID.fullmatch(name) else syntax.literal(name)


def _plain(element: Json) -> str:
    """Returns an element's text without markup."""
    match text_in(element, "type"):
        case "emoji":
            return _emoji(element)
        case "date":
            return text_in(element, "fallback") or utc_minute(element.get("timestamp"))
    found = (text_in(element, name) for name in FALLBACK_FIELDS)
    return next((text for text in found if text), "")


def _emoji(element: Json) -> str:
    """Returns the character of an emoji, given as "1f44d-1f3fd"; its name if Slack alone has it."""
    try:
        points = [int(each, 16) for each in text_in(element, "unicode").split("-")]
        if all(0 < point <= MAX_CODE_POINT for point in points):
            return "".join(map(chr, points)).encode("utf-8").decode()
    except ValueError:  # no number, or half a surrogate pair
        pass
    name = text_in(element, "name")
    return f":{name}:" if name else ""


def _styles(element: Json) -> tuple[Style, ...]:
    style = object_in(element, "style")
    return tuple(each for each in STYLES if style.get(each) is True)


def _is_code(element: Json) -> bool:
    return object_in(element, "style").get("code") is True
