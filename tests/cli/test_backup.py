"""`slackbot backup`, in a process of its own, with and without a running bot."""

from pathlib import Path

import pytest

from slackbot.playground.fake_openai.script import says
from slackbot.store.sqlite import SqliteStore
from tests.command import run
from tests.harness import BotHarness
from tests.store.rows import rows, sql, unanswered
from tests.store.sqlite.test_backup import files


async def test_backup_during_an_answer(harness: BotHarness, tmp_path: Path) -> None:
    """The bot goes on with its answer, and the backup has the question that waits for it."""
    backup = tmp_path / "backup.db"
    async with harness.running():
        await harness.verify_dialog([(f"{harness.bot.mention} hello", "Ahoy")])
        harness.model.enqueue(says("one two three").held(after=1))
        question = await harness.mention("count")
        await harness.workspace.until(lambda: harness.answers(question))
        code, output, errors = await run(tmp_path, "backup", str(backup), **harness.environment)
        assert (code, errors) == (0, "")
        size = f"{backup.stat().st_size:,} bytes"
        assert output == f"Backed up to {backup}: {len(rows(backup))} rows, {size}.\n"
        harness.model.release()
        await harness.answered(question, "one two three")
        await harness.service.bot.idle()
    assert backup.stat().st_mode & 0o777 == 0o600
    assert sql(backup, "PRAGMA journal_mode") == [("delete",)]  # one file, without a log
    store = await SqliteStore.open(backup)
    assert [each.message.ts for each in await unanswered(store)] == [question.ts]
    await store.close()


async def test_an_existing_file_stays(harness: BotHarness, tmp_path: Path) -> None:
    """It is replaced with --force alone."""
    async with harness.running():
        await harness.verify_dialog([(f"{harness.bot.mention} hello", "Ahoy")])
    backup = tmp_path / "backup.db"
    backup.write_bytes(b"precious")
    code, _, errors = await run(tmp_path, "backup", "backup.db", **harness.environment)
    assert (code, errors) == (
        2,
        "slackbot: backup.db exists already: choose another name, or add --force to replace it.\n",
    )
    assert backup.read_bytes() == b"precious"
    code, *_ = await run(tmp_path, "backup", "--force", "backup.db", **harness.environment)
    assert code == 0
    assert rows(backup)


@pytest.mark.parametrize("command", ["backup", "restore"])
async def test_postgresql_has_its_own_commands(tmp_path: Path, command: str) -> None:
    """With PostgreSQL's address, a sentence says which command does it, without the password."""
    (tmp_path / "backup.db").touch()
    code, output, errors = await run(
        tmp_path, command, "backup.db", DATABASE_URL="postgres://me:secret@host/db"
    )
    assert (code, output) == (2, "")
    assert {"backup": "`pg_dump --format=custom", "restore": "`pg_restore --no-owner"}[
        command
    ] in errors
    assert "secret" not in errors


async def test_no_database(tmp_path: Path) -> None:
    """There is nothing to back up, and nothing is created."""
    code, _, errors = await run(tmp_path, "backup", "backup.db")
    assert code == 2
    assert errors == "slackbot: There is no database slackbot.db: see to DATABASE_URL.\n"
    assert not files(tmp_path)
