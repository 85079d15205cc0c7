"""`slackbot migrate`, in a process of its own, between two runs of the bot."""

from pathlib import Path

import pytest

from slackbot.playground.fake_openai.script import says
from slackbot.playground.postgres_server import PostgresServer
from tests.command import run
from tests.harness import BotHarness


async def test_the_bot_goes_on_in_the_new_database(
    harness: BotHarness, postgres: PostgresServer
) -> None:
    """Conversations go on where they were, and what waits is answered in the message that grew. Any
    password that libpq can read will do, and is not printed.
    """
    old, new = harness.environment["DATABASE_URL"], postgres.create_database()
    async with harness.running():
        root = await harness.verify_dialog([(f"{harness.bot.mention} I am Ana", "Hi Ana")])
        harness.model.enqueue(says("one two three").held(after=1))
        question = await harness.mention("count")
        await harness.workspace.until(lambda: harness.answers(question))
        harness.service.bot.abandon()
    with_password = new.replace("slackbot@", "slackbot:a[b#c?d@")
    code, output, errors = await run(harness.folder, "migrate", old, with_password)
    assert (code, errors) == (0, "")
    count, sentence = output.splitlines()
    assert count.startswith("All ")
    assert f"rows of {old} are copied and compared: 3 claim, " in count
    name = f"postgresql://127.0.0.1/{new.rpartition('/')[2]}"
    assert sentence == f"Set DATABASE_URL to the address of {name}, and start the bot."
    harness.model.enqueue("one two three four")
    async with harness.running({"DATABASE_URL": new}):
        await harness.answered(question, "one two three four")
        await harness.service.bot.idle()
        harness.model.enqueue("Ana")
        await harness.mention("who am I?", thread=root.ts)
        await harness.answered(root, "Hi Ana", "Ana")
        await harness.service.bot.idle()
    assert [content for *_, content in harness.history()] == ["I am Ana", "Hi Ana", "who am I?"]
    code, _, errors = await run(harness.folder, "migrate", old, new)
    assert code == 2
    assert "one of the two has changed since" in errors


async def test_a_running_bot_is_in_the_way(harness: BotHarness, postgres: PostgresServer) -> None:
    """It would go on in the old database."""
    old, new = harness.environment["DATABASE_URL"], postgres.create_database()
    async with harness.running():
        code, output, errors = await run(harness.folder, "migrate", old, new)
    assert (code, output) == (2, "")
    assert errors.startswith("slackbot: The source: Another process is using ")
    assert (await run(harness.folder, "migrate", old, new))[0] == 0
    assert "were copied before" in (await run(harness.folder, "migrate", old, new))[1]


@pytest.mark.parametrize(
    ("source", "target", "problem"),
    [
        ("sqlite:///a.db", "sqlite:///a.db", "SOURCE and TARGET are the same database."),
        ("sqlite:///no.db", "sqlite:///b.db", "The source: There is no database "),
        ("sqlite:///a.db", "mysql://me:secret@host/b", "The target: its address must be sqlite"),
        ("postgres://me:secret@127.0.0.1:1/a", "sqlite:///b.db", "The source: The PostgreSQL"),
    ],
)
async def test_mistakes(harness: BotHarness, source: str, target: str, problem: str) -> None:
    """A sentence says which address is wrong, without repeating it."""
    async with harness.running({"DATABASE_URL": f"sqlite:///{harness.folder / 'a.db'}"}):
        pass
    code, output, errors = await run(harness.folder, "migrate", source, target)
    assert (code, output) == (2, "")
    assert problem in errors
    assert "secret" not in errors


async def test_one_address(tmp_path: Path) -> None:
    """Both are needed."""
    code, _, errors = await run(tmp_path, "migrate", "sqlite:///a.db")
    assert code == 2
    assert "Missing argument 'TARGET'" in errors
