"""What holds for files of every kind, from Slack to the model."""

from typing import Any

from tests import sample_files
from tests.attachments.helpers import ask, cat, pictures, text
from tests.harness import BotHarness

UNREADABLE = {
    "bomb.docx": (
        sample_files.zip_bomb(),
        "“bomb.docx” unpacks to 300 MB, and I read at most 100 MB.",
    ),
    "locked.pdf": (
        sample_files.pdf("a", password="x"),
        "“locked.pdf” is protected with a password. Please send it without one.",
    ),
    "empty.txt": (b"", "“empty.txt” is empty."),
    "cat.png": (b"MZ\x90\x00" + bytes(99), "“cat.png” is not a kind of file that I can read."),
    "large.csv": (
        bytes(20 * 10**6 + 1),
        "“large.csv” is larger than 20 MB, so I did not read it.",
    ),
}


def share(harness: BotHarness, name: str, content: bytes) -> dict[str, Any]:
    return harness.workspace.share(harness.ana, name, content, "application/octet-stream")


async def test_earlier_files(harness: BotHarness) -> None:
    """The files of earlier messages are sent again in the same bytes, which the server's cache
    needs. Slack is asked about them at most once a minute.
    """
    harness.model.enqueue("A flag.", "Two.")
    async with harness.running():
        question = await harness.workspace.say(
            harness.ana, harness.general, f"{harness.bot.mention} this?", files=[cat(harness)]
        )
        await harness.answered(question, "A flag.")
        await ask(harness, "how many colours?", thread=question.ts)
    first, second = harness.model.requests
    assert second["messages"][: len(first["messages"])] == first["messages"]
    assert pictures(second, 1) == pictures(first, 1) != []
    assert [call.method for call in harness.workspace.calls].count("files.info") == 1


async def test_deleted_while_the_bot_is_away(harness: BotHarness) -> None:
    """A file that was deleted in Slack is no longer sent, and later answers have no note."""
    harness.model.enqueue("A flag.", "Fine.")
    async with harness.running():
        shared = cat(harness)
        question = await harness.workspace.say(
            harness.ana, harness.general, f"{harness.bot.mention} this?", files=[shared]
        )
        await harness.answered(question, "A flag.")
        await harness.service.bot.idle()
    harness.workspace.files.find(shared["id"]).deleted = True
    async with harness.running():
        assert await ask(harness, "thanks", thread=question.ts) == "Fine."
    request = harness.model.requests[-1]
    assert pictures(request, 1) == []
    assert text(request, 1).endswith("its content is not available]")


async def test_deleted_file(harness: BotHarness) -> None:
    """A question whose file is deleted in Slack is answered again without it."""
    harness.model.enqueue("A flag.", "What do you mean?")
    async with harness.running():
        shared = cat(harness)
        question = await harness.workspace.say(
            harness.ana, harness.general, f"{harness.bot.mention} this?", files=[shared]
        )
        await harness.answered(question, "A flag.")
        await harness.service.bot.idle()
        await harness.workspace.delete_file(shared)
        await harness.answered(question, "What do you mean?")
    assert text(harness.model.requests[-1]) == "this?"


async def test_history_has_no_content(harness: BotHarness) -> None:
    """The store has a file's id, name, type and size, and not its content."""
    harness.model.enqueue("A flag.")
    content = sample_files.picture(size=(300, 200))
    async with harness.running():
        shared = harness.workspace.share(harness.ana, "cat.png", content, "image/png")
        await ask(harness, "what is this?", shared)
    database = harness.folder / "slackbot.db"
    assert b'"name":"cat.png"' in database.read_bytes()
    assert content[:50] not in database.read_bytes()


async def test_one_unreadable_file(harness: BotHarness) -> None:
    """If one of several files can't be read, the others are sent, and a note names that one."""
    harness.model.enqueue("A flag.")
    broken = harness.workspace.share(
        harness.ana, "dog_1.png", sample_files.picture()[:60], "image/png"
    )
    async with harness.running():
        answer = await ask(harness, "what is this?", broken, cat(harness))
    assert answer == (
        "A flag.\n\n⚠️ _“dog_1.png” can't be read: it is damaged, or not what its name says._"
    )
    (request,) = harness.model.requests
    assert len(pictures(request)) == 1
    assert "[file: dog_1.png, image/png, 60 bytes, its content" in text(request)


async def test_unreadable_files(harness: BotHarness) -> None:
    """Each file that can't be read has a note of its own, and the question is answered."""
    files = [share(harness, name, content) for name, (content, _) in UNREADABLE.items()]
    good = share(harness, "good.txt", b"all is well")
    harness.model.enqueue("I see.")
    async with harness.running():
        _, answer = await harness.ask("and these?", *files, good)
    said, *notes = answer.split("\n\n")
    assert said == "I see."
    assert notes == [f"⚠️ _{sentence}_" for _, sentence in UNREADABLE.values()]
    sent = text(harness.model.requests[-1])
    assert "all is well" in sent
    assert all(f"[file: {name}, " in sent for name in UNREADABLE)
