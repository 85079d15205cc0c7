"""The Home tab: what the bot is told to be, where, since when; and how to ask it.

https://docs.slack.dev/surfaces/app-home
"""

from collections.abc import Iterator

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

from slackbot.instructions import texts
from slackbot.instructions.overview import Overview
from slackbot.instructions.scopes import Revision
from slackbot.markdown.excerpts import excerpt

EDIT = "slackbot_edit"
EDIT_PROMPTS = "slackbot_edit_prompts"
"""Action ids; an edit button's value is a channel's id, or empty for the workspace."""

EVERYWHERE = "workspace"
"""The value of the button for the whole workspace: none may be empty."""

SECTION = 2_500
"""Characters of a text that are shown."""

CHANNELS = 20
"""How many are shown: all blocks together should have no more than 13,000 characters."""

EXAMPLES = """\
Mention me in a channel that I am in, or write to me here under *Messages*. For example:
```@{name} What is the difference between a mutex and a semaphore?```
In the thread of my answer you go on without mentioning me. I read the thread, and nothing else of \
the channel."""


def home_view(overview: Overview, name: str, *, may_edit: bool) -> View:
    """What a person sees there; `name` is what the bot is called. Who may not edit does not see
    what is set for channels, in which they perhaps are not.
    """
    return View(
        type="home",
        blocks=[
            HeaderBlock(text="How to ask me"),
            _said(EXAMPLES.format(name=name)),
            DividerBlock(),
            HeaderBlock(text="What I am told to be"),
            *_workspace(overview, may_edit=may_edit),
            *_channels(overview, may_edit=may_edit),
            *_prompts(overview, may_edit=may_edit),
            *_change_records(overview, may_edit=may_edit),
        ],
    )


def _workspace(overview: Overview, *, may_edit: bool) -> Iterator[Block]:
    held = overview.workspace
    text = f"*The whole workspace*, {texts.origin(held)}:\n>>> "
    button = _button("Edit", EVERYWHERE) if may_edit else None
    yield _said(text + excerpt(held.text, SECTION - len(text)), button)
    yield _small(" · ".join((*texts.besides(held), *_since(overview.last))))


def _channels(overview: Overview, *, may_edit: bool) -> Iterator[Block]:
    if not overview.channels:
        return
    yield DividerBlock()
    yield HeaderBlock(text="Channels with instructions of their own")
    for channel, revision in overview.channels[:CHANNELS]:
        line = f"<#{channel}>, {texts.by(revision)}"
        if may_edit:
            gist = texts.quoted(revision.settings.text or "(the workspace's)")
            yield _said(f"{line}: {gist}", _button("Edit", channel))
        else:
            yield _said(line)
    if len(overview.channels) > CHANNELS:
        yield _small(
            f"And {len(overview.channels) - CHANNELS:,} more: `/instructions show` in each."
        )


def _prompts(overview: Overview, *, may_edit: bool) -> Iterator[Block]:
    if may_edit:
        lines = [f"• {texts.quoted(prompt)}" for prompt in overview.prompts]
        yield DividerBlock()
        yield HeaderBlock(text="Suggested prompts")
        yield _said("\n".join(lines) or "None yet: people see an empty conversation.")
        button = ButtonElement(action_id=EDIT_PROMPTS, text="Edit prompts", value="prompts")
        yield ActionsBlock(elements=[button])


def _change_records(overview: Overview, *, may_edit: bool) -> Iterator[Block]:
    if not overview.change_records:
        return
    yield DividerBlock()
    yield HeaderBlock(text="Last changes")
    for change_record in overview.change_records:
        private = bool(change_record.scope.channel) and not may_edit
        yield _small(texts.amended(change_record, private=private))


def _since(last: Revision | None) -> Iterator[str]:
    if last is not None:
        yield f"Last change: {texts.by(last)}."


def _button(label: str, value: str) -> ButtonElement:
    return ButtonElement(action_id=EDIT, text=label, value=value)


def _said(text: str, button: ButtonElement | None = None) -> Block:
    return SectionBlock(text=MarkdownTextObject(text=text), accessory=button)


def _small(text: str) -> Block:
    return ContextBlock(elements=[MarkdownTextObject(text=text)])
