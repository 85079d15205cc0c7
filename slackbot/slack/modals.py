"""What all modals of the bot have in common: https://docs.slack.dev/surfaces/modals"""

from collections.abc import Iterator, Sequence

from slack_sdk.models.blocks import Block, MarkdownTextObject, PlainTextObject, SectionBlock
from slack_sdk.models.views import View

from slackbot.instructions.form_metadata import FormMetadata
from slackbot.instructions.limits import MAX_FIELD_CHARS
from slackbot.slack import texts


def form_modal(
    callback_id: str,
    title: str,
    blocks: Sequence[Block],
    *,
    metadata: FormMetadata,
    submit: str = texts.SAVE,
) -> View:
    """A form; `submit` is the label of its button."""
    return View(
        type="modal",
        callback_id=callback_id,
        title=title,
        submit=submit,
        close=texts.CANCEL,
        private_metadata=metadata.to_json(),
        blocks=blocks,
    )


def notice(title: str, sentence: str, your_text: str = "") -> View:
    """A modal that says something, and gives people back the text that they wrote.

    `sentence` is in Slack's markup.
    """
    head = [section(texts.YOUR_TEXT)] if your_text else []
    blocks = [section(sentence), *head, *plain_sections(your_text)]
    return View(type="modal", title=title, close=texts.CLOSE, blocks=blocks)


def warning_blocks(warning: str) -> Iterator[Block]:
    """What stands above a form that could not be saved; nothing for no warning."""
    if warning:
        yield section(f":warning: {warning}")


def section(sentence: str) -> Block:
    """A sentence in Slack's markup."""
    return SectionBlock(text=MarkdownTextObject(text=sentence[:MAX_FIELD_CHARS]))


def plain_sections(text: str) -> Iterator[Block]:
    """A text of any length, shown as it is."""
    for start in range(0, len(text), MAX_FIELD_CHARS):
        part = text[start : start + MAX_FIELD_CHARS]
        yield SectionBlock(text=PlainTextObject(text=part, emoji=False))
