"""The commands that the docs name for PostgreSQL's backups."""

import asyncio
import re
import subprocess
from pathlib import Path

from slackbot.playground.fake_openai.script import says
from slackbot.playground.postgres_server import EMPTY_TEMPLATE, PostgresServer, programs
from tests.harness import BotHarness
from tests.store.sqlite.test_layouts import written
from tests.store.test_transfer import content, move

OPERATIONS = (Path(__file__).parents[3] / "docs" / "operations.md").read_text()


def command(program: str, **values: str) -> list[str]:
    """A command as it stands in docs/operations.md, with these values instead of the examples."""
    found = re.search(rf"^{program} (?:[^\\\n]|\\\n)*$", OPERATIONS, re.MULTILINE)
    assert found is not None
    words = found[0].replace("\\\n", " ").split()[1:]
    for name, value in values.items():
        assert any(name in word for word in words), name
        words = [word.replace(name, value) for word in words]
    return [str(programs() / program), *words]


def dump(old: str, file: Path) -> None:
    values = {"monday.dump": str(file), '"$DATABASE_URL"': old}
    subprocess.run(command("pg_dump", **values), check=True)  # noqa: S603 - the docs' own


def restore(file: Path, new: str) -> None:
    values = {"monday.dump": str(file), "postgresql://USER@HOST/slackbot_restored": new}
    subprocess.run(command("pg_restore", **values), check=True)  # noqa: S603 - the docs' own


def test_dump_and_restore(postgres: PostgresServer, tmp_path: Path) -> None:
    """They bring everything back, in a database that the bot can use."""
    old, new = postgres.create_database(), postgres.create_database(EMPTY_TEMPLATE)
    move(written("4", tmp_path / "old.db"), old)
    dump(old, tmp_path / "x.dump")
    restore(tmp_path / "x.dump", new)
    assert content(new) == content(old)


async def test_a_question_answered_since_is_answered_in_the_same_message(
    harness: BotHarness, postgres: PostgresServer, tmp_path: Path
) -> None:
    """As after `slackbot restore`: the bot finds the messages that it does not know of."""
    old, new = postgres.create_database(), postgres.create_database(EMPTY_TEMPLATE)
    harness.environment["DATABASE_URL"] = old
    async with harness.running():
        harness.model.enqueue(says("one two three").held(after=0))
        question = await harness.mention("count")
        await harness.model.until(lambda: len(harness.model.requests) == 1)
        await asyncio.to_thread(dump, old, tmp_path / "x.dump")
        harness.model.release()
        (answer,) = await harness.answered(question, "one two three")
    await asyncio.to_thread(restore, tmp_path / "x.dump", new)
    harness.environment["DATABASE_URL"] = new
    harness.model.enqueue("uno dos tres")
    async with harness.running():
        (again,) = await harness.answered(question, "uno dos tres")
    assert again.ts == answer.ts
