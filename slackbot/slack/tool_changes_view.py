"""What admins see of tools that a server has changed: in the Home tab, and in a direct message."""

from collections.abc import Iterator, Sequence

from slack_sdk.models.blocks import (
    Block,
    ButtonElement,
    ContextBlock,
    DividerBlock,
    HeaderBlock,
    MarkdownTextObject,
    SectionBlock,
)

from slackbot.llm.tool_pins import ToolChange, ToolDeclaration
from slackbot.markdown.excerpts import excerpt
from slackbot.markdown.hidden_characters import revealed
from slackbot.slack import texts

ACCEPT_TOOL = "slackbot_accept_tool"
"""The action ID of the button; its value is the identity of the change."""

MAX_CHANGES = 3
"""Each is shown with all its words, and a Home tab has room for few."""

MAX_PART_CHARS = 1_100
"""A description has at most 1,024 characters, so an admin reads all of it; a schema may be cut."""

MAX_NAMED_TOOLS = 10
"""In a direct message."""


def change_blocks(changes: Sequence[ToolChange]) -> Iterator[Block]:
    """The first changes, each with a button to accept it."""
    if not changes:
        return
    yield HeaderBlock(text=texts.CHANGED_TOOLS_TITLE)
    yield _section(texts.CHANGED_TOOLS_INTRODUCTION)
    for change in changes[:MAX_CHANGES]:
        head = texts.CHANGED_TOOL if change.pinned else texts.NEW_TOOL
        button = ButtonElement(action_id=ACCEPT_TOOL, text=texts.ACCEPT, value=change.identity)
        name = {"tool": _code(change.tool), "server": _code(change.server)}
        yield _section(head.format(**name), button)
        for label, text in _parts(change):
            yield _section(f"{label}\n```{_shown(text)}```")
    hidden = len(changes) - MAX_CHANGES
    if hidden > 0:
        note = texts.MORE_CHANGED_TOOLS.format(number=hidden)
        yield ContextBlock(elements=[MarkdownTextObject(text=note)])
    yield DividerBlock()


def change_note(changes: Sequence[ToolChange]) -> str:
    """The sentence that asks an admin to look, in Slack's markup."""
    names = [f"{_code(each.tool)} ({_code(each.server)})" for each in changes[:MAX_NAMED_TOOLS]]
    if len(changes) > MAX_NAMED_TOOLS:
        names.append("…")
    return texts.TOOLS_HAVE_CHANGED.format(tools=", ".join(names))


def _parts(change: ToolChange) -> Iterator[tuple[str, str]]:
    """The parts that are new, as they are now."""
    pinned = change.pinned or ToolDeclaration("", "", "")
    for aspect in change.declaration.differences(pinned):
        yield texts.TOOL_ASPECTS[aspect], getattr(change.declaration, aspect)


def _shown(text: str) -> str:
    """What is in a code block: nothing in it is invisible, or ends the block."""
    return excerpt(revealed(text), MAX_PART_CHARS) or " "


def _code(name: str) -> str:
    shown = excerpt(name.replace("`", "'"), MAX_PART_CHARS)
    return f"`{shown}`"


def _section(text: str, button: ButtonElement | None = None) -> Block:
    return SectionBlock(text=MarkdownTextObject(text=text), accessory=button)
