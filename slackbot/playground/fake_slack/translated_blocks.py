"""Turns Markdown into other blocks, as Slack does before an app reads its own message back.

Slack says that a markdown block may become several others, and not which:
https://docs.slack.dev/reference/block-kit/blocks/markdown-block. These are the ones that show what
that page promises.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

import emoji
from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from slackbot.playground.json_types import Json

STYLES = {"strong": "bold", "em": "italic", "s": "strike"}

RICH = frozenset({"paragraph", "bullet_list", "ordered_list", "fence", "code_block", "blockquote"})
"""Parts that are put into one `rich_text` block together."""


def translated(blocks: Iterable[Json]) -> list[Json]:
    """Returns the blocks of a message as an app reads them later."""
    return [
        each
        for block in blocks
        for each in (_blocks(block["text"]) if block["type"] == "markdown" else [block])
    ]


def _blocks(markdown: str) -> Iterator[Json]:
    rich: list[Json] = []
    for node in SyntaxTreeNode(_parser().parse(markdown)).children:
        if node.type in RICH:
            rich += _rich(node, 0)
            continue
        if rich:
            yield {"type": "rich_text", "elements": rich}
            rich = []
        yield _block(node)
    if rich:
        yield {"type": "rich_text", "elements": rich}


def _block(node: SyntaxTreeNode) -> Json:
    match node.type:
        case "heading":
            title = "".join(each.get("text", "") for each in _inline(node.children[0]))
            return {"type": "header", "text": {"type": "plain_text", "text": title}}
        case "table":
            rows = [
                [_cell(cell) for cell in row.children] for row in node.walk() if row.type == "tr"
            ]
            return {"type": "table", "rows": rows, "column_settings": _alignment(node)}
    return {"type": "divider"}


def _cell(cell: SyntaxTreeNode) -> Json:
    """A cell of plain text is `raw_text`."""
    elements = _inline(cell.children[0])
    if len(elements) == 1 and elements[0].keys() == {"type", "text"}:
        return {"type": "raw_text", "text": elements[0]["text"]}
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": elements}]}


def _alignment(table: SyntaxTreeNode) -> list[Json]:
    heads = [each for each in table.walk() if each.type == "th"]
    return [
        {"align": str(each.attrs.get("style", "")).rpartition(":")[2] or "left"} for each in heads
    ]


def _rich(node: SyntaxTreeNode, indent: int) -> list[Json]:
    match node.type:
        case "bullet_list" | "ordered_list":
            return _list(node, indent)
        case "fence" | "code_block":
            code: Json = {"type": "text", "text": node.content.rstrip("\n")}
            language = {"language": node.info} if node.info else {}
            return [{"type": "rich_text_preformatted", "elements": [code], **language}]
        case "blockquote":
            return [{"type": "rich_text_quote", "elements": _lines(node.children)}]
    return [{"type": "rich_text_section", "elements": _inline(node.children[0])}]


def _list(node: SyntaxTreeNode, indent: int) -> list[Json]:
    """A list within a list is one of its own, and interrupts it: `offset` counts on after it."""
    style = "ordered" if node.type == "ordered_list" else "bullet"
    offset = int(node.attrs.get("start", 1)) - 1
    lists: list[Json] = []
    for number, item in enumerate(node.children, offset):
        inner = [each for each in item.children if each.type in {"bullet_list", "ordered_list"}]
        words = [each for each in item.children if each not in inner]
        section = {"type": "rich_text_section", "elements": _lines(words)}
        if not lists or lists[-1]["indent"] != indent:
            first = {"type": "rich_text_list", "style": style, "indent": indent, "elements": []}
            lists.append(first | ({"offset": number} if number else {}))
        lists[-1]["elements"].append(section)
        lists += [found for each in inner for found in _list(each, indent + 1)]
    return lists


def _lines(nodes: Sequence[SyntaxTreeNode]) -> list[Json]:
    lines: list[Json] = []
    for node in nodes:
        if lines:
            lines.append({"type": "text", "text": "\n"})
        content = [{"type": "text", "text": node.content}] if not node.children else []
        lines += content or _inline(node.children[0])
    return lines


def _inline(node: SyntaxTreeNode, styles: Sequence[str] = ()) -> list[Json]:
    style = {"style": dict.fromkeys(styles, True)} if styles else {}
    elements: list[Json] = []
    for each in node.children:
        match each.type:
            case "link":
                label = "".join(text.content for text in each.walk() if text.type == "text")
                elements.append({"type": "link", "url": each.attrs["href"], "text": label} | style)
            case "strong" | "em" | "s":
                elements += _inline(each, (*styles, STYLES[each.type]))
            case "code_inline":
                code = {"style": dict.fromkeys((*styles, "code"), True)}
                elements.append({"type": "text", "text": each.content} | code)
            case "softbreak" | "hardbreak":
                elements.append({"type": "text", "text": "\n"} | style)
            case _:
                elements += [found | style for found in _with_emoji(each.content)]
    return elements


def _with_emoji(text: str) -> Iterator[Json]:
    for part in emoji.analyze(text, non_emoji=True, join_emoji=True):
        if isinstance(part.value, str):
            yield {"type": "text", "text": part.value}
        else:
            name = emoji.demojize(part.chars, language="alias").strip(":")
            yield {
                "type": "emoji",
                "name": name,
                "unicode": "-".join(f"{ord(c):x}" for c in part.chars),
            }


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).enable(["strikethrough", "table"])
