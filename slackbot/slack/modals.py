"""What all modals of the bot have in common: https://docs.slack.dev/surfaces/modals"""

from collections.abc import Iterator

from slack_sdk.models.blocks import Block, MarkdownTextObject, PlainTextObject, SectionBlock
from slack_sdk.models.views import View

from slackbot.instructions.form import FIELD, Form, FormMetadata


def form_modal(
    callback: str,
    title: str,
    blocks: list[Block],
    *,
    form: Form,
    metadata: FormMetadata | None,
    warning: str,
) -> View:
    """A form with a `warning` above it, if there is one. With `metadata` it stays the one that was
    opened with that; without, it is a new one, which is saved over what it warns of.
    """
    warned = [said(f":warning: {warning}")] if warning else []
    return View(
        type="modal",
        callback_id=callback,
        title=title,
        submit="Save mine instead" if warning and metadata is None else "Save",
        close="Cancel",
        private_metadata=(metadata or form.metadata).to_json(),
        blocks=[*warned, *blocks],
    )


def notice(title: str, sentence: str, written: str = "") -> View:
    """A modal that only says something, and shows what somebody has `written`, for them to copy;
    `sentence` is in Slack's own markup.
    """
    blocks = [said(sentence), *([said("What you wrote:")] if written else ()), *plain(written)]
    return View(type="modal", title=title, close="Close", blocks=blocks)


def said(sentence: str) -> Block:
    return SectionBlock(text=MarkdownTextObject(text=sentence[:FIELD]))


def plain(text: str) -> Iterator[Block]:
    for start in range(0, len(text), FIELD):
        yield SectionBlock(text=PlainTextObject(text=text[start : start + FIELD], emoji=False))
