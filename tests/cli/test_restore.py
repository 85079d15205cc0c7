"""`slackbot restore`, and what the bot does afterwards, over the wire."""

from slackbot.playground.fake_openai.script import says
from slackbot.turns.texts import UNKNOWN_ANSWER
from tests.command import run, start
from tests.harness import BotHarness
from tests.store.rows import file_of, rows


async def back_up(harness: BotHarness) -> None:
    code, _, errors = await run(harness.folder, "backup", "backup.db", **harness.environment)
    assert (code, errors) == (0, "")


async def restore(harness: BotHarness) -> str:
    said = await run(harness.folder, "restore", "--yes", "backup.db", **harness.environment)
    code, output, errors = said
    assert (code, errors) == (0, "")
    return output


async def test_what_was_there_is_kept(harness: BotHarness) -> None:
    """The database that the backup replaces is next to it, whole, and the command says where."""
    async with harness.running():
        root = await harness.verify_dialog([(f"{harness.bot.mention} hello", "Ahoy")])
        await back_up(harness)
        harness.model.enqueue("again")
        await harness.mention("once more", thread=root.ts)
        await harness.answered(root, "Ahoy", "again")
        await harness.service.bot.idle()
    path = file_of(harness.environment["DATABASE_URL"])
    before = rows(path)
    output = await restore(harness)
    (kept,) = path.parent.glob("slackbot.db.before-restore-*")
    assert output.splitlines() == [
        f"Restored {path}: {len(rows(path))} rows, {path.stat().st_size:,} bytes.",
        f"The database that was there is {kept} now: delete it when you are sure.",
    ]
    assert rows(kept) == before
    assert rows(path) == rows(harness.folder / "backup.db")
    assert {each.stat().st_mode & 0o777 for each in (path, kept)} == {0o600}


async def test_a_running_bot_is_in_the_way(harness: BotHarness) -> None:
    """Nothing is replaced while a bot uses the database, and no bot starts while it is asked
    whether to.
    """
    async with harness.running():
        await harness.verify_dialog([(f"{harness.bot.mention} hello", "Ahoy")])
        await back_up(harness)
        code, output, errors = await run(
            harness.folder, "restore", "--yes", "backup.db", **harness.environment
        )
        assert (code, output) == (2, "")
        assert "Another process is using" in errors
        await harness.verify_dialog([(f"{harness.bot.mention} hello", "Hi")])
    asking = await start(harness.folder, "restore", "backup.db", **harness.environment)
    assert asking.stdout is not None
    await asking.stdout.readuntil(b"? [y/N]: ")
    code, _, errors = await run(harness.folder, "serve", **harness.environment)
    assert code == 2
    assert "Another process is using" in errors
    _, errors_of_asking = await asking.communicate(b"n\n")
    assert (asking.returncode, errors_of_asking) == (1, b"Aborted!\n")
    assert not [*harness.folder.glob("*.before-restore-*")]


async def test_a_question_answered_since_is_answered_in_the_same_message(
    harness: BotHarness,
) -> None:
    """A question that waited at the time of the backup is answered once more, and people see one
    answer: the bot finds the messages that it does not know of.
    """
    async with harness.running():
        harness.model.enqueue(says("one two three").held(after=0))
        question = await harness.mention("count")
        await harness.model.until(lambda: len(harness.model.requests) == 1)
        await back_up(harness)
        harness.model.release()
        (answer,) = await harness.answered(question, "one two three")
        await harness.service.bot.idle()
        harness.model.enqueue("Ahoy")
        await harness.mention("hello", thread=question.ts)
        await harness.answered(question, "one two three", "Ahoy")
        await harness.service.bot.idle()
    await restore(harness)
    harness.model.enqueue("uno dos tres")
    async with harness.running():
        shown = await harness.answered(question, "uno dos tres", "Ahoy")
        assert shown[0].ts == answer.ts
        await harness.service.bot.idle()
        harness.model.enqueue("fine")
        await harness.mention("and now?", thread=question.ts)
        await harness.answered(question, "uno dos tres", "Ahoy", "fine")
    assert [content for *_, content in harness.history()] == ["count", "uno dos tres", "and now?"]


async def test_a_question_not_answered_since_is_answered(harness: BotHarness) -> None:
    """What waited at the time of the backup is taken up, also if nothing was posted for it."""
    async with harness.running():
        harness.model.enqueue(says("one two three").held(after=0))
        question = await harness.mention("count")
        await harness.model.until(lambda: len(harness.model.requests) == 1)
        await back_up(harness)
        harness.service.bot.abandon()
    await restore(harness)
    harness.model.enqueue("uno dos tres")
    async with harness.running():
        await harness.answered(question, "uno dos tres")


async def test_what_came_after_the_backup_is_not_known(harness: BotHarness) -> None:
    """Questions that were answered since are not answered again. In a thread that began since, the
    bot reads what was said there; the buttons under its answers say that it does not know them.
    """
    async with harness.running():
        await harness.verify_dialog([(f"{harness.bot.mention} hello", "Ahoy")])
        await back_up(harness)
        root = await harness.verify_dialog([(f"{harness.bot.mention} my name is Ana", "Hi Ana")])
    await restore(harness)
    async with harness.running():
        await harness.workspace.click(harness.ana, harness.answers(root)[0], "slackbot_again")
        await harness.workspace.until(lambda: harness.workspace.ephemerals)
        assert harness.workspace.ephemerals[0].text == UNKNOWN_ANSWER
        harness.model.enqueue("Ana")
        await harness.mention("who am I?", thread=root.ts)
        await harness.answered(root, "Hi Ana", "Ana")
        await harness.service.bot.idle()
    assert ("assistant", "", "Hi Ana") in harness.history()
    assert len(harness.model.requests) == 3


async def test_an_edit_of_an_unknown_question_asks_again(harness: BotHarness) -> None:
    """Somebody who edits a question that the bot has answered since the backup asks it again."""
    async with harness.running():
        await harness.verify_dialog([(f"{harness.bot.mention} hello", "Ahoy")])
        await back_up(harness)
        root = await harness.verify_dialog([(f"{harness.bot.mention} count", "one")])
    await restore(harness)
    async with harness.running():
        harness.model.enqueue("one two")
        await harness.workspace.edit(harness.ana, root, f"{harness.bot.mention} count to two")
        await harness.answered(root, "one", "one two")


async def test_restore_without_a_database(harness: BotHarness) -> None:
    """On a new machine there is nothing to keep."""
    async with harness.running():
        await harness.verify_dialog([(f"{harness.bot.mention} hello", "Ahoy")])
    await back_up(harness)
    path = file_of(harness.environment["DATABASE_URL"])
    expected = rows(path)
    path.unlink()
    assert len((await restore(harness)).splitlines()) == 1
    assert rows(path) == expected
