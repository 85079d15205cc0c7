"""`slackbot serve`, in a process of its own."""

import asyncio
import signal
import socket
from pathlib import Path

import pytest

from slackbot.config import DEFAULT_GRACE_SECONDS
from slackbot.playground.fake_openai.script import says
from slackbot.slack.texts import INSTALLED_FOR_ORGANISATION, SAVING_TAKES_LONG
from tests.command import run, serving, start, until_connected
from tests.harness import BotHarness
from tests.instructions_harness import InstructionsHarness, filled
from tests.proxied_harness import CREDENTIALS, PASSWORD, Behind
from tests.store.rows import file_of, locked


@pytest.mark.parametrize(
    ("changes", "variable"),
    [
        ({"SLACK_BOT_TOKEN": ""}, "SLACK_BOT_TOKEN"),
        ({"SLACK_BOT_TOKEN": "xoxb-wrong"}, "SLACK_BOT_TOKEN"),
        ({"SLACK_APP_TOKEN": "xapp-wrong"}, "SLACK_APP_TOKEN"),
        ({"DATABASE_URL": "mysql://me:pw@host/db"}, "DATABASE_URL"),
        ({"DATABASE_URL": "sqlite:////nowhere/at/all.db"}, "DATABASE_URL"),
        ({"PORT": "no"}, "PORT"),
    ],
)
async def test_mistakes_are_one_line(
    harness: BotHarness, tmp_path: Path, changes: dict[str, str], variable: str
) -> None:
    """A wrong setting is one line that names the variable, exit code 2, without a traceback."""
    code, output, errors = await run(tmp_path, "serve", **{**harness.environment, **changes})
    assert (code, output) == (2, "")
    assert len(errors.splitlines()) == 1
    assert variable in errors
    for secret in (*harness.environment.values(), "pw"):
        if secret.startswith(("xoxb-", "xapp-", "sk-")):
            assert secret not in errors


async def test_serve_refuses_an_installation_for_a_whole_organisation(
    harness: BotHarness, tmp_path: Path
) -> None:
    """It says so at once, as each event would be dropped later without a word."""
    harness.install_for_organisation()
    code, _, errors = await run(tmp_path, "serve", **harness.environment)
    assert code == 2
    assert INSTALLED_FOR_ORGANISATION in errors


async def test_serve_waits_for_slack(harness: BotHarness, tmp_path: Path) -> None:
    """While Slack can't be reached it says so, in a line for each attempt, and can be stopped."""
    nowhere = {**harness.environment, "SLACK_API_URL": "http://127.0.0.1:9/api/"}
    process = await start(tmp_path, "serve", **nowhere)
    assert process.stderr is not None
    for _ in range(2):
        while "SLACK_API_URL can't be reached" not in (await process.stderr.readline()).decode():
            pass
    process.send_signal(signal.SIGTERM)
    _, errors = await process.communicate()
    assert process.returncode == 0
    assert b"Traceback" not in errors


async def test_serve_says_what_it_is_connected_to(harness: BotHarness, tmp_path: Path) -> None:
    """At start it prints team, bot, model and database; on SIGTERM it exits with 0, silently."""
    process = await start(tmp_path, "serve", **harness.environment, LOG_LEVEL="WARNING")
    printed = "\n".join(await until_connected(process))
    for part in (harness.workspace.team.name, harness.bot.name, "stand-in", "sqlite:///", "Socket"):
        assert part in printed
    process.send_signal(signal.SIGTERM)
    _, errors = await process.communicate()
    assert process.returncode == 0
    assert errors.decode() == ""


async def test_serve_logs_how_files_are_read(harness: BotHarness, tmp_path: Path) -> None:
    """Once, after it is connected, without holding anything up."""
    process = await serving(tmp_path, **harness.environment)
    assert process.stderr is not None
    log = (await process.stderr.readuntil(b"Files: each is read by a process of its own")).decode()
    assert log.count("Files: ") == 1
    process.send_signal(signal.SIGTERM)
    await process.communicate()
    assert process.returncode == 0


async def test_serve_lets_replies_end(harness: BotHarness, tmp_path: Path) -> None:
    """On SIGTERM a reply that is being written is finished first."""
    process = await serving(tmp_path, **harness.environment)
    harness.model.enqueue(says("one two three").held(after=1))
    question = await harness.mention("count")
    await harness.answered(question, "one")
    process.send_signal(signal.SIGTERM)
    await harness.workspace.until(lambda: harness.workspace.connections == 0)
    harness.model.release()
    await harness.answered(question, "one two three")
    await process.communicate()
    assert process.returncode == 0


async def test_replies_that_outlast_their_grace(harness: BotHarness, tmp_path: Path) -> None:
    """They stay as they are, nothing is logged, and the next run finishes them in place."""
    environment = {**harness.environment, "SLACKBOT_GRACE": "0.1", "LOG_LEVEL": "WARNING"}
    process = await serving(tmp_path, **environment)
    harness.model.enqueue(says("one two three").held(after=1), "one two three!")
    question = await harness.mention("count")
    (answer,) = await harness.answered(question, "one")
    process.send_signal(signal.SIGINT)
    output, errors = await process.communicate()
    assert (process.returncode, errors) == (0, b"")
    assert output == b"slackbot has stopped\n"
    await harness.answered(question, "one")
    process = await serving(tmp_path, **environment)
    assert await harness.answered(question, "one two three!") == [answer]
    process.send_signal(signal.SIGTERM)
    await process.communicate()
    assert process.returncode == 0


async def test_background_tasks_that_outlast_the_bot(harness: BotHarness, tmp_path: Path) -> None:
    """SIGTERM ends the bot while forms are tried and saved, with exit code 0 and nothing logged."""
    process = await serving(tmp_path, **harness.environment, LOG_LEVEL="WARNING")
    team = InstructionsHarness(harness)
    harness.model.enqueue(says("one two three").held(after=1))
    view = await team.form(team.ada)
    question = filled(view, text="You are a poet.", question="A line?")
    await harness.workspace.click(team.ada, view, "slackbot_try", filled=question)
    await harness.model.until(lambda: harness.model.open_streams > 0)
    with locked(harness.environment["DATABASE_URL"]):
        saving = await team.save(team.ada, await team.form(team.ada), text="You are a poet.")
        assert saving == SAVING_TAKES_LONG
        process.send_signal(signal.SIGTERM)
        output, errors = await process.communicate()
    assert (process.returncode, errors) == (0, b"")
    assert output == b"slackbot has stopped\n"


async def test_killed_in_the_middle(harness: BotHarness, tmp_path: Path) -> None:
    """After kill -9 the next start finishes the answer, in the message that is already there."""
    process = await serving(tmp_path, **harness.environment)
    harness.model.enqueue(says("one two three").held(after=1), "one two three four")
    question = await harness.mention("count")
    (before,) = await harness.answered(question, "one")
    process.kill()
    await process.communicate()
    process = await serving(tmp_path, **harness.environment)
    (after,) = await harness.answered(question, "one two three four")
    assert after.ts == before.ts
    process.send_signal(signal.SIGINT)
    await process.communicate()
    assert process.returncode == 0


async def test_no_secret_is_logged(harness: BotHarness, tmp_path: Path) -> None:
    """At no log level does a token, key or secret appear; at INFO no message's text either."""
    secrets = [harness.workspace.bot_token, harness.workspace.app_token, "sk-test", "ticket="]
    for level in ("INFO", "DEBUG"):
        environment = {**harness.environment, "LOG_LEVEL": level}
        process = await serving(tmp_path, **environment)
        harness.model.enqueue("the answer is private")
        question = await harness.mention("the question is private")
        await harness.answered(question, "the answer is private")
        process.send_signal(signal.SIGTERM)
        output, errors = await process.communicate()
        log = (output + errors).decode()
        assert not any(secret in log for secret in secrets), level
        assert level == "DEBUG" or "private" not in log


async def test_env_file_is_read(harness: BotHarness, tmp_path: Path) -> None:
    """Settings can be in a .env file, and the environment wins over it."""
    lines = [f"{name}={value}" for name, value in harness.environment.items() if " " not in value]
    (tmp_path / ".env").write_text("\n".join(lines))
    process = await start(tmp_path, "serve", OPENAI_MODEL="from-environment")
    assert "from-environment" in "\n".join(await until_connected(process))
    process.send_signal(signal.SIGTERM)
    await process.communicate()


async def test_second_process_on_the_same_database(harness: BotHarness, tmp_path: Path) -> None:
    """A database that another process uses is refused in one line, and Slack is not asked."""
    process = await serving(tmp_path, **harness.environment)
    calls = len(harness.workspace.calls)
    code, _, errors = await run(tmp_path, "serve", **harness.environment)
    assert code == 2
    assert len(harness.workspace.calls) == calls
    assert len(errors.splitlines()) == 1
    process.send_signal(signal.SIGTERM)
    await process.communicate()


async def test_port_in_use(harness: BotHarness, tmp_path: Path) -> None:
    """A port that another program uses is refused in one line."""
    with socket.create_server(("", 0)) as other:
        port = str(other.getsockname()[1])
        code, _, errors = await run(tmp_path, "serve", **harness.environment, PORT=port)
    assert code == 2
    assert errors.startswith("slackbot: PORT ")
    assert len(errors.splitlines()) == 1


async def test_nothing_begins_with_a_wrong_setting(harness: BotHarness, tmp_path: Path) -> None:
    """Unfinished answers are not touched before every setting is known to work."""
    harness.model.enqueue(says("one two").held(after=1))
    async with harness.running(grace=0.0):
        question = await harness.mention("count")
        await harness.answered(question, "one")
    wrong = {**harness.environment, "SLACK_APP_TOKEN": "xapp-wrong"}
    code, _, _ = await run(tmp_path, "serve", **wrong)
    assert code == 2
    assert len(harness.model.requests) == 1


async def test_second_signal_ends_at_once(harness: BotHarness, tmp_path: Path) -> None:
    """A second signal cuts the grace short; what was written stays for the next start."""
    process = await serving(tmp_path, **harness.environment)
    harness.model.enqueue(says("one two three").held(after=1))
    question = await harness.mention("count")
    await harness.answered(question, "one")
    process.send_signal(signal.SIGTERM)
    await harness.workspace.until(lambda: harness.workspace.connections == 0)
    process.send_signal(signal.SIGTERM)
    async with asyncio.timeout(DEFAULT_GRACE_SECONDS / 2):
        _, errors = await process.communicate()
    assert process.returncode == 0
    assert "Traceback" not in errors.decode()
    await harness.answered(question, "one")


async def test_a_database_that_is_taken_away_ends_the_bot(
    harness: BotHarness, tmp_path: Path
) -> None:
    """A critical line says so, the exit code is 1, and no message is acknowledged into nowhere."""
    process = await serving(tmp_path, **harness.environment, LOG_LEVEL="WARNING")
    harness.model.enqueue(says("one two three").held(after=1), "three", "four")
    question = await harness.mention("count")
    await harness.answered(question, "one")
    file_of(harness.environment["DATABASE_URL"]).unlink()
    asking = asyncio.create_task(harness.mention("and more?"))
    output, errors = await process.communicate()
    assert process.returncode == 1
    (line,) = [line for line in errors.decode().splitlines() if "CRITICAL" in line]
    assert "was deleted, moved or replaced while the bot was using it" in line
    assert output == b"slackbot has stopped\n"
    process = await serving(tmp_path, **harness.environment)
    await harness.answered(await asking, "three")
    process.send_signal(signal.SIGTERM)
    await process.communicate()


async def test_the_proxys_password_stays_out_of_the_log(behind: Behind, tmp_path: Path) -> None:
    """Also at DEBUG, and in what libraries read from the environment and log."""
    async with behind() as proxied:
        bot = proxied.bot
        environment = {**bot.environment, "LOG_LEVEL": "DEBUG", "SLACKBOT_GRACE": "0"}
        process = await serving(tmp_path, **environment)
        await bot.ask("hello")
        proxied.proxy.refusals["slack.test"] = 407
        await proxied.proxy.end_connections()
        assert process.stderr is not None
        log = await process.stderr.readuntil(b"does not take the user name and password (407)")
        process.terminate()
        log += (await process.communicate())[1]
    assert not any(secret in log.decode() for secret in (PASSWORD, CREDENTIALS, "w%C3%B6rd"))
