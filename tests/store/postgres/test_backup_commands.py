"""The commands that the docs name for PostgreSQL's backups."""

import re
import subprocess
from pathlib import Path

from slackbot.playground.postgres_server import EMPTY_TEMPLATE, PostgresServer, programs
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


def test_dump_and_restore(postgres: PostgresServer, tmp_path: Path) -> None:
    """They bring everything back, in a database that the bot can use."""
    old, new = postgres.create_database(), postgres.create_database(EMPTY_TEMPLATE)
    move(written("4", tmp_path / "old.db"), old)
    dump = str(tmp_path / "x.dump")
    dumping = {"monday.dump": dump, '"$DATABASE_URL"': old}
    restoring = {"monday.dump": dump, "postgresql://USER@HOST/slackbot_restored": new}
    subprocess.run(command("pg_dump", **dumping), check=True)  # noqa: S603 - the docs' own
    subprocess.run(command("pg_restore", **restoring), check=True)  # noqa: S603 - the docs' own
    assert content(new) == content(old)
