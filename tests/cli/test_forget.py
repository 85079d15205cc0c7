"""`slackbot forget`: a process of its own, beside a running bot or alone."""

from pathlib import Path

import pytest

from slackbot.turns.bot import UNKNOWN
from tests.command import run
from tests.harness import Stage


async def test_forget_a_person_beside_a_running_bot(stage: Stage, tmp_path: Path) -> None:
    """It says what went; the bot that runs meanwhile remembers nothing of it and goes on."""
    async with stage.playing():
        root = await stage.verify_dialog([(f"{stage.bot.mention} my secret", "Ahoy")])
        said = await run(tmp_path, "forget", "--user", stage.ana.id, **stage.environment)
        assert said == (0, "Deleted: 1 conversation(s), 1 turn(s), 1 message(s) of people.\n", "")
        await stage.workspace.click(stage.ana, stage.answers(root)[0], "slackbot_again")
        await stage.workspace.until(lambda: stage.workspace.ephemerals)
        assert stage.workspace.ephemerals[0].text == UNKNOWN
        await stage.verify_dialog([(f"{stage.bot.mention} hello", "Hi")])
    assert [content for *_, content in stage.history()] == ["hello"]


async def test_forget_while_it_is_being_answered(stage: Stage, tmp_path: Path) -> None:
    """What is forgotten in the middle of its answer is not stored when that ends."""
    async with stage.playing():
        stage.model.enqueue("one")
        await stage.mention("hello")
        await run(tmp_path, "forget", "--channel", stage.general.id, **stage.environment)
        await stage.service.bot.idle()
        said = await run(tmp_path, "forget", "--channel", stage.general.id, **stage.environment)
        assert said == (0, "Deleted: nothing.\n", "")


@pytest.mark.parametrize("form", ["link", "pair", "reply"])
async def test_forget_a_thread(stage: Stage, tmp_path: Path, form: str) -> None:
    """A thread is named by a link to any of its messages, or by its channel and a ts."""
    async with stage.playing():
        root = await stage.verify_dialog([(f"{stage.bot.mention} hello", "Ahoy")])
        other = await stage.verify_dialog([(f"{stage.bot.mention} hi", "Hi")])
        (answer,) = stage.answers(root)
    forms = {
        "link": f"https://team.slack.com/archives/{root.channel}/p{root.ts.replace('.', '')}",
        "pair": f"{root.channel}/{root.ts}",
        "reply": f"https://team.slack.com/archives/{root.channel}/p{answer.ts.replace('.', '')}"
        f"?thread_ts={root.ts}&cid={root.channel}",
    }
    said = await run(tmp_path, "forget", "--thread", forms[form], **stage.environment)
    assert said == (0, "Deleted: 1 conversation(s), 1 turn(s), 1 message(s) of people.\n", "")
    async with stage.playing():
        stage.model.enqueue("yes")
        await stage.mention("still there?", thread=other.ts)
        await stage.answered(other, "Hi", "yes")


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["--thread", "general"], "slackbot: general is no thread: copy the link of one of"),
        (["--user", "U1"], "slackbot: There is no database "),
        ([], "one of the arguments --user --channel --thread is required"),
        (["--user", "U1", "--channel", "C1"], "not allowed with argument --user"),
    ],
)
async def test_mistakes(tmp_path: Path, arguments: list[str], problem: str) -> None:
    """What can't be done is one sentence and exit code 2, and makes no database."""
    code, output, errors = await run(tmp_path, "forget", *arguments)
    assert (code, output) == (2, "")
    assert problem in errors
    assert "Traceback" not in errors
    assert not (tmp_path / "slackbot.db").exists()
