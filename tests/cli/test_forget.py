"""`slackbot forget`, in a process of its own, with and without a running bot."""

from pathlib import Path

import pytest

from slackbot.turns.texts import UNKNOWN_ANSWER
from tests.command import run
from tests.harness import BotHarness
from tests.store.rows import file_of


async def test_forget_a_person_while_the_bot_runs(harness: BotHarness, tmp_path: Path) -> None:
    """It says what it deleted, and the running bot no longer knows it."""
    async with harness.running():
        root = await harness.verify_dialog([(f"{harness.bot.mention} my secret", "Ahoy")])
        said = await run(tmp_path, "forget", "--user", harness.ana.id, **harness.environment)
        assert said == (0, "Deleted: 1 conversation(s), 1 turn(s), 1 message(s) of people.\n", "")
        await harness.workspace.click(harness.ana, harness.answers(root)[0], "slackbot_again")
        await harness.workspace.until(lambda: harness.workspace.ephemerals)
        assert harness.workspace.ephemerals[0].text == UNKNOWN_ANSWER
        await harness.verify_dialog([(f"{harness.bot.mention} hello", "Hi")])
    assert [content for *_, content in harness.history()] == ["hello"]


async def test_forget_during_an_answer(harness: BotHarness, tmp_path: Path) -> None:
    """A question that is deleted while it is answered is not stored again."""
    async with harness.running():
        harness.model.enqueue("one")
        await harness.mention("hello")
        await run(tmp_path, "forget", "--channel", harness.general.id, **harness.environment)
        await harness.service.bot.idle()
        said = await run(tmp_path, "forget", "--channel", harness.general.id, **harness.environment)
        assert said == (0, "Deleted: nothing.\n", "")


async def test_files_that_still_hold_it_are_named(harness: BotHarness, tmp_path: Path) -> None:
    """A damaged file that a repair has set aside is left to the person, by its name."""
    async with harness.running():
        await harness.verify_dialog([(f"{harness.bot.mention} my secret", "Ahoy")])
    path = file_of(harness.environment["DATABASE_URL"])
    damaged = path.with_name(f"{path.name}.damaged-20200101T000000")
    damaged.write_bytes(path.read_bytes())
    code, output, errors = await run(
        tmp_path, "forget", "--user", harness.ana.id, **harness.environment
    )
    assert (code, output[:8]) == (0, "Deleted:")
    assert errors == (
        f"{damaged} is an earlier state of the database, and may still hold it: delete it.\n"
    )
    assert damaged.exists()


@pytest.mark.parametrize("form", ["link", "pair", "reply"])
async def test_forget_a_thread(harness: BotHarness, tmp_path: Path, form: str) -> None:
    """A thread is named by a link to one of its messages, or by its channel and a ts."""
    async with harness.running():
        root = await harness.verify_dialog([(f"{harness.bot.mention} hello", "Ahoy")])
        other = await harness.verify_dialog([(f"{harness.bot.mention} hi", "Hi")])
        (answer,) = harness.answers(root)
    forms = {
        "link": f"https://team.slack.com/archives/{root.channel}/p{root.ts.replace('.', '')}",
        "pair": f"{root.channel}/{root.ts}",
        "reply": f"https://team.slack.com/archives/{root.channel}/p{answer.ts.replace('.', '')}"
        f"?thread_ts={root.ts}&cid={root.channel}",
    }
    said = await run(tmp_path, "forget", "--thread", forms[form], **harness.environment)
    assert said == (0, "Deleted: 1 conversation(s), 1 turn(s), 1 message(s) of people.\n", "")
    async with harness.running():
        harness.model.enqueue("yes")
        await harness.mention("still there?", thread=other.ts)
        await harness.answered(other, "Hi", "yes")


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["--thread", "general"], "slackbot: general is not a thread. Copy the link of one of"),
        (["--user", "@ann"], "slackbot: @ann is not the ID of a person, such as U0123ABCD: it is"),
        (["--channel", "\udcff"], "slackbot: \\udcff is not the ID of a channel, such as"),
        (["--user", "U1"], "slackbot: There is no database "),
        ([], "Error: Name one of --user, --channel and --thread."),
        (["--user", "U1", "--channel", "C1"], "Error: Name one of --user, --channel and --thread."),
    ],
)
async def test_mistakes(tmp_path: Path, arguments: list[str], problem: str) -> None:
    """A mistake is one sentence and exit code 2, and creates no database."""
    code, output, errors = await run(tmp_path, "forget", *arguments)
    assert (code, output) == (2, "")
    assert problem in errors
    assert "Traceback" not in errors
    assert not (tmp_path / "slackbot.db").exists()
