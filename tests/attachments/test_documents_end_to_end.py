"""Documents, from Slack to the model, over the real protocols of both."""

import base64
from collections.abc import Mapping
from typing import Any

import pytest

from slackbot.attachments.texts import SCAN_TOO_LARGE
from slackbot.markdown.fences import fenced
from slackbot.playground.fake_openai.request_checks import Feature, RequestRules
from tests import sample_files
from tests.harness import BotHarness

NO_FILES = RequestRules(refuses=frozenset[Feature]({"file"}))


def share(harness: BotHarness, name: str, content: bytes, mimetype: str = "") -> dict[str, Any]:
    return harness.workspace.share(
        harness.ana, name, content, mimetype or "application/octet-stream"
    )


def parts(request: Mapping[str, Any], message: int = -1) -> list[dict[str, Any]]:
    content = request["messages"][message]["content"]
    return content if isinstance(content, list) else [{"type": "text", "text": content}]


async def test_pdf(harness: BotHarness) -> None:
    """A PDF is sent to the model as it is, also with later questions."""
    content = sample_files.pdf("Hello", "world")
    harness.model.enqueue("A greeting.", "Two.")
    async with harness.running():
        question, answer = await harness.ask("what is it?", share(harness, "report.pdf", content))
        assert answer == "A greeting."
        await harness.ask("how many pages?", thread=question.ts)
    for request in harness.model.requests:
        text, file = parts(request, 1)
        assert text["text"] == "what is it?\n[file: report.pdf]"
        assert file["file"]["filename"] == "report.pdf"
        assert base64.b64decode(file["file"]["file_data"].partition(",")[2]) == content


async def test_server_that_takes_no_pdf(harness: BotHarness) -> None:
    """A server that takes no PDF gets its text instead, without a note, and no further PDF."""
    harness.model.rules = NO_FILES
    harness.model.enqueue("A greeting.", "Two.")
    async with harness.running():
        report = share(harness, "report.pdf", sample_files.pdf("Hello", "world"))
        question, answer = await harness.ask("what is it?", report)
        assert answer == "A greeting."
        await harness.ask("how many pages?", thread=question.ts)
    _, *taken = harness.model.requests
    assert len(taken) == 2
    for request in taken:
        read = fenced("file", "report.pdf", "[page 1]\nHello\n[page 2]\nworld")
        assert parts(request, 1)[0]["text"] == f"what is it?\n[file: report.pdf]\n{read}"


async def test_scan_and_a_server_that_takes_no_pdf(harness: BotHarness) -> None:
    """A PDF without text has a note if the server takes no PDF."""
    harness.model.rules = NO_FILES
    harness.model.enqueue("I see nothing.")
    async with harness.running():
        _, answer = await harness.ask(
            "what is it?", share(harness, "scan.pdf", sample_files.pdf(""))
        )
    assert answer.startswith("I see nothing.\n\n⚠️ _This model can't look at PDF documents")


async def test_long_scan(harness: BotHarness) -> None:
    """A PDF without text that has too many pages has a note, and is not sent as empty text."""
    harness.model.enqueue("I see nothing.")
    async with harness.running():
        _, answer = await harness.ask(
            "what is it?", share(harness, "scan.pdf", sample_files.pdf(*[""] * 51))
        )
    assert answer == f"I see nothing.\n\n⚠️ _{SCAN_TOO_LARGE.format(name='scan.pdf')}_"
    (part,) = parts(harness.model.requests[-1])
    assert part["text"].endswith("its content is not available]")
    assert "<file" not in part["text"]


async def test_pdfs_that_are_too_large_together(harness: BotHarness) -> None:
    """PDFs that are too large for one request are sent as text, the oldest first."""
    harness.model.enqueue("Four.")
    ballast = b"\n%" + bytes(14 * 10**6)
    names = [f"{number}.pdf" for number in range(4)]
    files = [share(harness, name, sample_files.pdf(f"This is {name}") + ballast) for name in names]
    async with harness.running():
        _, answer = await harness.ask("how many?", *files)
    assert answer == "Four."
    text, *sent = parts(harness.model.requests[-1])
    assert [part["file"]["filename"] for part in sent] == ["2.pdf", "3.pdf"]
    assert "This is 0.pdf" in text["text"]
    assert "This is 1.pdf" in text["text"]


async def test_long_pdf(harness: BotHarness) -> None:
    """A PDF of many pages is sent as text, up to half of the context."""
    content = sample_files.pdf(*(f"This is page {number}" for number in range(5_000)))
    harness.model.enqueue("Long.")
    async with harness.running({"OPENAI_CONTEXT_TOKENS": "20000"}):
        _, answer = await harness.ask("what is it?", share(harness, "report.pdf", content))
    assert answer.startswith("Long.\n\n⚠️ _“report.pdf” is long: I read the first ")
    (part,) = parts(harness.model.requests[-1])
    assert "[page 4]\nThis is page 3\n" in part["text"]
    assert 9_000 < len(part["text"]) / 4 < 10_000
    assert " % of it.]\n</file " in part["text"]


@pytest.mark.parametrize(
    ("name", "content", "line"),
    [
        ("letter.docx", sample_files.docx("Dear Ben,"), "Dear Ben,"),
        ("plan.pptx", sample_files.pptx(), "Our plan"),
        ("sales.xlsx", sample_files.xlsx(), "city,sold"),
        ("sales.csv", b"city,sold\n", "city,sold"),
        ("main.py", b"print('hello')\n", "print('hello')"),
        ("notes.bin", "ein größerer Text".encode(), "ein größerer Text"),
    ],
)
async def test_other_documents(harness: BotHarness, name: str, content: bytes, line: str) -> None:
    """The text of other documents is sent between tags with their name."""
    harness.model.enqueue("I see.")
    async with harness.running():
        _, answer = await harness.ask("and this?", share(harness, name, content))
    assert answer == "I see."
    (part,) = parts(harness.model.requests[-1])
    question, start, *text, end = part["text"].splitlines()
    code = end.removeprefix("</file ").removesuffix(">")
    assert (question, start) == ("and this?", f'<file {code} name="{name}">')
    assert line in text


async def test_several_long_documents(harness: BotHarness) -> None:
    """Long documents share the room, and each that is truncated has a note."""
    harness.model.enqueue("I see.")
    files = [share(harness, f"{name}.txt", f"{name}\n".encode() * 4_000) for name in ("one", "two")]
    async with harness.running({"OPENAI_CONTEXT_TOKENS": "12000"}):
        _, answer = await harness.ask("and this?", *files)
    assert answer == "I see.\n\n⚠️ _“two.txt” is long: I read the first 48 % of it._"


async def test_document_with_a_long_question(harness: BotHarness) -> None:
    """A document takes no more than the question and the instructions leave."""
    harness.model.enqueue("I see.")
    book = share(harness, "book.txt", b"So it goes.\n" * 4_000)
    settings = {"OPENAI_CONTEXT_TOKENS": "8000", "SLACKBOT_INSTRUCTIONS": "Be kind. " * 1_000}
    async with harness.running(settings):
        _, answer = await harness.ask("word " * 2_000, book)
    assert answer.startswith("I see.\n\n⚠️ _“book.txt” is long: I read the first ")
    (part,) = parts(harness.model.requests[-1])
    assert "So it goes." in part["text"]
