"""The Home tab: how to ask the bot, and which instructions apply where.

https://docs.slack.dev/surfaces/app-home
"""

from collections.abc import Iterator, Sequence

from slack_sdk.models.blocks import (
    ActionsBlock,
    Block,
    ButtonElement,
    ContextBlock,
    DividerBlock,
    HeaderBlock,
    MarkdownTextObject,
    SectionBlock,
)
from slack_sdk.models.views import View

from slackbot.conversation.ids import TeamId
from slackbot.conversation.roles import Role
from slackbot.instructions import summaries
from slackbot.instructions.overview import Overview
from slackbot.instructions.revisions import Revision
from slackbot.instructions.scopes import Scope
from slackbot.instructions.texts import source, unreadable
from slackbot.llm.tool_pins import ToolChange
from slackbot.markdown.excerpts import excerpt
from slackbot.slack import texts
from slackbot.slack.tool_changes_view import change_blocks

EDIT = "slackbot_edit"
EDIT_PROMPTS = "slackbot_edit_prompts"
"""Action IDs. The value of an edit button is the ID of a channel, or WORKSPACE."""

WORKSPACE = "workspace"

MAX_TEXT_CHARS = 2_500
"""Of the instructions that are shown."""

MAX_CHANNELS = 20
"""All blocks together should have no more than 13,000 characters."""


def home_view(
    overview: Overview, bot_name: str, role: Role, tool_changes: Sequence[ToolChange] = ()
) -> View:
    """What a person sees: admins what is set everywhere and which tools have changed, and guests
    and outsiders how to ask.

    Members see what is set for the workspace, and where else something is set: they may not be in
    those channels. The overview for them has no private channels.
    """
    blocks: list[Block] = [
        HeaderBlock(text=texts.HOW_TO_ASK_TITLE),
        _section(texts.HOW_TO_ASK.format(name=bot_name)),
    ]
    if role >= Role.MEMBER:
        may_edit = role >= Role.ADMIN
        blocks += [
            DividerBlock(),
            *(change_blocks(tool_changes) if may_edit else ()),
            HeaderBlock(text=texts.INSTRUCTIONS),
            *_workspace(overview, may_edit=may_edit),
            *_channels(overview, may_edit=may_edit),
            *_prompts(overview, may_edit=may_edit),
            *_recent_changes(overview, may_edit=may_edit),
        ]
    return View(type="home", blocks=blocks)


def _workspace(overview: Overview, *, may_edit: bool) -> Iterator[Block]:
    settings = overview.workspace
    if settings.unreadable is not None:
        sentence = unreadable(settings.unreadable.scope, settings.unreadable.number)
        yield _section(sentence, _edit_button(WORKSPACE) if may_edit else None)
        return
    head = texts.WORKSPACE_INSTRUCTIONS.format(source=source(settings.source))
    button = _edit_button(WORKSPACE) if may_edit else None
    yield _section(head + excerpt(settings.text, MAX_TEXT_CHARS - len(head)), button)
    details = (*summaries.details(settings), *_last_change(overview.last_revision))
    yield _context(" · ".join(details))


def _channels(overview: Overview, *, may_edit: bool) -> Iterator[Block]:
    if not overview.channels:
        return
    yield DividerBlock()
    yield HeaderBlock(text=texts.CHANNELS_TITLE)
    for channel, revision in overview.channels[:MAX_CHANNELS]:
        change = summaries.when_and_who(revision)
        line = texts.CHANNEL_LINE.format(channel=channel, change=change)
        if revision.settings is None:
            sentence = unreadable(Scope(TeamId(""), channel), revision.number)
            yield _section(sentence, _edit_button(channel) if may_edit else None)
        elif may_edit:
            text = revision.settings.text or texts.INHERITED_INSTRUCTIONS
            yield _section(f"{line}: {summaries.first_line(text)}", _edit_button(channel))
        else:
            yield _section(line)
    hidden = len(overview.channels) - MAX_CHANNELS
    if hidden > 0:
        yield _context(texts.MORE_CHANNELS.format(number=hidden))


def _prompts(overview: Overview, *, may_edit: bool) -> Iterator[Block]:
    if may_edit:
        lines = [f"• {summaries.first_line(prompt)}" for prompt in overview.prompts]
        yield DividerBlock()
        yield HeaderBlock(text=texts.PROMPTS)
        yield _section("\n".join(lines) or texts.NO_PROMPTS)
        button = ButtonElement(action_id=EDIT_PROMPTS, text=texts.EDIT_PROMPTS, value="prompts")
        yield ActionsBlock(elements=[button])


def _recent_changes(overview: Overview, *, may_edit: bool) -> Iterator[Block]:
    if not overview.change_records:
        return
    yield DividerBlock()
    yield HeaderBlock(text=texts.RECENT_CHANGES)
    for change_record in overview.change_records:
        private = bool(change_record.scope.channel) and not may_edit
        yield _context(summaries.change_line(change_record, private=private))


def _last_change(revision: Revision | None) -> Iterator[str]:
    if revision is not None:
        yield texts.LAST_CHANGE.format(change=summaries.when_and_who(revision))


def _edit_button(value: str) -> ButtonElement:
    return ButtonElement(action_id=EDIT, text=texts.EDIT, value=value)


def _section(text: str, button: ButtonElement | None = None) -> Block:
    return SectionBlock(text=MarkdownTextObject(text=text), accessory=button)


def _context(text: str) -> Block:
    return ContextBlock(elements=[MarkdownTextObject(text=text)])
