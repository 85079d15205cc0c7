"""Canvases and emails, from Slack to the model, over the real protocols of both."""

import pytest

from slackbot.markdown.fences import fenced
from slackbot.playground.fake_slack.documents import add_canvas, add_email
from slackbot.playground.fake_slack.files import StoredFile
from slackbot.slack import texts
from tests.attachments.helpers import ask, text
from tests.harness import BotHarness


def canvas(harness: BotHarness) -> StoredFile:
    body = (
        f"<h1>Launch</h1><p class='line'>Owner: <a>@{harness.ben.id}</a></p>"
        "<div data-section-style='7'><ul><li class='checked'>Book</li><li>Order</li></ul></div>"
        "<table><tr><td><p>Item</p></td></tr><tr><td><p>Cake</p></td></tr></table>"
    )
    return add_canvas(harness.workspace.files, harness.ana, "Launch plan", body)


async def test_canvas(harness: BotHarness) -> None:
    """The model reads a canvas as Markdown, with the names of those it mentions."""
    harness.model.enqueue("Ben.", "Cake.")
    async with harness.running():
        file = harness.workspace.files.json(canvas(harness))
        question, answer = await harness.ask("whose is it?", file)
        assert answer == "Ben."
        await harness.ask("and what?", thread=question.ts)
    for request in harness.model.requests:
        read = "# Launch\n\nOwner: @Ben\n\n- [x] Book\n- [ ] Order\n\n| Item |\n| --- |\n| Cake |"
        assert text(request, 1) == f"whose is it?\n{fenced('file', 'Launch plan', read)}"


async def test_email(harness: BotHarness) -> None:
    """The model reads who wrote an email to whom and when, what it says, and what is attached."""
    notes = harness.workspace.share(harness.ana, "a.csv", b"a,b\n", "text/csv")
    email = add_email(
        harness.workspace.files,
        harness.ana,
        "Fwd: Offer",
        "<p>Dear Ana</p>",
        plain_text="Dear Ana,\nsee below.",
        attachments=[{"filename": "a.csv", "mimetype": "text/csv", "url": notes["url_private"]}],
    )
    async with harness.running():
        await ask(harness, "who wrote?", harness.workspace.files.json(email))
    (request,) = harness.model.requests
    read = (
        "Subject: Fwd: Offer\nFrom: Cleo <cleo@example.com>\nTo: Ana <ana@example.com>\n"
        "Date: Wed, 22 Mar 2023 16:20:37 +0900\n\nDear Ana,\nsee below.\n\n"
        "[attached: a.csv]\na,b"
    )
    assert text(request) == f"who wrote?\n{fenced('file', 'Fwd: Offer', read)}"


@pytest.mark.parametrize(
    ("locked", "scope", "sentence"),
    [
        (True, True, texts.FILE_DENIED.format(name="Launch plan")),
        (False, False, texts.FILES_FORBIDDEN),
    ],
)
async def test_canvas_that_can_not_be_had(
    harness: BotHarness, *, locked: bool, scope: bool, sentence: str
) -> None:
    """Only a scope that is really missing is called missing; the text is answered all the same."""
    harness.model.enqueue("I don't know.")
    file = canvas(harness)
    file.locked = locked
    async with harness.running():
        if not scope:
            harness.workspace.scopes.remove("files:read")
        answer = await ask(harness, "whose is it?", harness.workspace.files.json(file))
    assert answer == f"I don't know.\n\n⚠️ _{sentence}_"
