"""Documents that people send, from Slack to the model, over the real wire."""

import base64
from collections.abc import Mapping
from typing import Any

import pytest

from slackbot.attachments.notices import SCAN
from slackbot.playground.fake_openai.request_checks import Feature, RequestRules
from tests import sample_files
from tests.harness import BotHarness

NO_FILES = RequestRules(refuses=frozenset[Feature]({"file"}))


def shared(harness: BotHarness, name: str, content: bytes, mimetype: str = "") -> dict[str, Any]:
    return harness.workspace.share(
        harness.ana, name, content, mimetype or "application/octet-stream"
    )


def parts(request: Mapping[str, Any], message: int = -1) -> list[dict[str, Any]]:
    content = request["messages"][message]["content"]
    return content if isinstance(content, list) else [{"type": "text", "text": content}]


async def test_a_pdf(harness: BotHarness) -> None:
    """It goes to the model as it is."""
    content = sample_files.pdf("Hello", "world")
    harness.model.enqueue("A greeting.", "Two.")
    async with harness.running():
        question, answer = await harness.ask("what is it?", shared(harness, "report.pdf", content))
        assert answer == "A greeting."
        await harness.ask("how many pages?", thread=question.ts)
    for request in harness.model.requests:
        text, file = parts(request, 1)
        assert text["text"] == "what is it?\n[file: report.pdf]"
        assert file["file"]["filename"] == "report.pdf"
        assert base64.b64decode(file["file"]["file_data"].partition(",")[2]) == content


async def test_a_server_that_takes_no_pdf(harness: BotHarness) -> None:
    """There its text is sent, nobody has to know, and it is not tried again."""
    harness.model.rules = NO_FILES
    harness.model.enqueue("A greeting.", "Two.")
    async with harness.running():
        report = shared(harness, "report.pdf", sample_files.pdf("Hello", "world"))
        question, answer = await harness.ask("what is it?", report)
        assert answer == "A greeting."
        await harness.ask("how many pages?", thread=question.ts)
    _, *taken = harness.model.requests
    assert len(taken) == 2
    for request in taken:
        assert parts(request, 1)[0]["text"].splitlines() == [
            "what is it?",
            "[file: report.pdf]",
            '<file name="report.pdf">',
            "[page 1]",
            "Hello",
            "[page 2]",
            "world",
            "</file>",
        ]


async def test_a_scan_where_no_pdf_is_taken(harness: BotHarness) -> None:
    """A PDF without text can't be read there, and the person is told."""
    harness.model.rules = NO_FILES
    harness.model.enqueue("I see nothing.")
    async with harness.running():
        _, answer = await harness.ask(
            "what is it?", shared(harness, "scan.pdf", sample_files.pdf(""))
        )
    sentence = "This model can't look at PDF documents, and there is one that holds no text."
    assert answer == f"I see nothing.\n\n⚠️ _{sentence}_"


async def test_a_long_scan(harness: BotHarness) -> None:
    """One of more pages than are looked at, without text, is a sentence, and no empty text."""
    harness.model.enqueue("I see nothing.")
    async with harness.running():
        _, answer = await harness.ask(
            "what is it?", shared(harness, "scan.pdf", sample_files.pdf(*[""] * 51))
        )
    assert answer == f"I see nothing.\n\n⚠️ _{SCAN.format(name='scan.pdf')}_"
    (part,) = parts(harness.model.requests[-1])
    assert part["text"].endswith("its content is not available]")
    assert "<file" not in part["text"]


async def test_pdfs_that_are_too_heavy_together(harness: BotHarness) -> None:
    """What a request can't hold is read as text, and the question is answered."""
    harness.model.enqueue("Four.")
    ballast = b"\n%" + bytes(14 * 10**6)
    names = [f"{number}.pdf" for number in range(4)]
    files = [shared(harness, name, sample_files.pdf(f"This is {name}") + ballast) for name in names]
    async with harness.running():
        _, answer = await harness.ask("how many?", *files)
    assert answer == "Four."
    text, *sent = parts(harness.model.requests[-1])
    assert [part["file"]["filename"] for part in sent] == ["2.pdf", "3.pdf"]
    assert "This is 0.pdf" in text["text"]
    assert "This is 1.pdf" in text["text"]


async def test_a_long_pdf(harness: BotHarness) -> None:
    """One of many pages is read as text, and cut at half of what the model reads at once."""
    content = sample_files.pdf(*(f"This is page {number}" for number in range(5_000)))
    harness.model.enqueue("Long.")
    async with harness.running({"OPENAI_CONTEXT_TOKENS": "20000"}):
        _, answer = await harness.ask("what is it?", shared(harness, "report.pdf", content))
    assert answer.startswith("Long.\n\n⚠️ _“report.pdf” is long: I read the first ")
    (part,) = parts(harness.model.requests[-1])
    assert "[page 4]\nThis is page 3\n" in part["text"]
    assert 9_000 < len(part["text"]) / 4 < 10_000
    assert part["text"].endswith(" % of it.]\n</file>")


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
    """Their text is sent, marked as theirs."""
    harness.model.enqueue("I see.")
    async with harness.running():
        _, answer = await harness.ask("and this?", shared(harness, name, content))
    assert answer == "I see."
    (part,) = parts(harness.model.requests[-1])
    question, start, *text, end = part["text"].splitlines()
    assert (question, start, end) == ("and this?", f'<file name="{name}">', "</file>")
    assert line in text


async def test_several_long_documents(harness: BotHarness) -> None:
    """They share the room; the person is told of each that was cut."""
    harness.model.enqueue("I see.")
    files = [
        shared(harness, f"{name}.txt", f"{name}\n".encode() * 4_000) for name in ("one", "two")
    ]
    async with harness.running({"OPENAI_CONTEXT_TOKENS": "12000"}):
        _, answer = await harness.ask("and this?", *files)
    assert answer == "I see.\n\n⚠️ _“two.txt” is long: I read the first 48 % of it._"


async def test_a_document_beside_a_long_question(harness: BotHarness) -> None:
    """What is left beside the question and the instructions is what a document may take."""
    harness.model.enqueue("I see.")
    book = shared(harness, "book.txt", b"So it goes.\n" * 4_000)
    settings = {"OPENAI_CONTEXT_TOKENS": "8000", "SLACKBOT_INSTRUCTIONS": "Be kind. " * 1_000}
    async with harness.running(settings):
        _, answer = await harness.ask("word " * 2_000, book)
    assert answer.startswith("I see.\n\n⚠️ _“book.txt” is long: I read the first ")
    (part,) = parts(harness.model.requests[-1])
    assert "So it goes." in part["text"]


BAD = {
    "bomb.docx": (
        sample_files.bomb(),
        "“bomb.docx” unpacks to 300 MB, and I read 100 at the most.",
    ),
    "locked.pdf": (
        sample_files.pdf("a", password="x"),
        "“locked.pdf” is protected with a password, so I can't read it.",
    ),
    "empty.txt": (b"", "“empty.txt” is empty."),
    "cat.png": (b"MZ\x90\x00" + bytes(99), "“cat.png” is not a kind of file that I can read."),
    "large.csv": (
        bytes(20 * 10**6 + 1),
        "“large.csv” is larger than 20 MB, so I did not read it.",
    ),
}


async def test_what_cannot_be_read(harness: BotHarness) -> None:
    """A sentence for each, and the answer goes on."""
    files = [shared(harness, name, content) for name, (content, _) in BAD.items()]
    good = shared(harness, "good.txt", b"all is well")
    harness.model.enqueue("I see.")
    async with harness.running():
        _, answer = await harness.ask("and these?", *files, good)
    said, *notes = answer.split("\n\n")
    assert said == "I see."
    assert notes == [f"⚠️ _{sentence}_" for _, sentence in BAD.values()]
    (part,) = parts(harness.model.requests[-1])
    assert "all is well" in part["text"]
    assert all(f"[file: {name}, " in part["text"] for name in BAD)
