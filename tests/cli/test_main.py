"""The command line itself: help, version, mistakes, completion."""

import asyncio
import signal
from importlib.metadata import version
from pathlib import Path

import click
import pytest

from slackbot.cli.main import COMMANDS, app
from tests.command import run, start


async def test_help(tmp_path: Path) -> None:
    """--help names each command with a sentence."""
    code, output, errors = await run(tmp_path, "--help")
    assert (code, errors) == (0, "")
    for name, sentence in COMMANDS.items():
        assert f"  {name} " in output
        assert sentence in output


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_is_what_help_says(name: str) -> None:
    """The sentence in the list of commands is the one that begins the command's own help."""
    command = app.get_command(click.Context(app), name)
    assert command is not None
    assert command.name == name
    assert (command.help or "").split("\n\n")[0] == COMMANDS[name]


async def test_help_imports_no_library_that_takes_long(tmp_path: Path) -> None:
    """--help shows at once: the libraries of the bot itself are not imported for it."""
    code, _, errors = await run(tmp_path, "--help", PYTHONPROFILEIMPORTTIME="1")
    imported = {line.rpartition("|")[2].strip().partition(".")[0] for line in errors.splitlines()}
    assert code == 0
    assert {"click", "slackbot"} <= imported
    assert not imported & {"aiohttp", "asyncio", "mcp", "openai", "pydantic", "slack_sdk", "yaml"}


async def test_version(tmp_path: Path) -> None:
    """--version prints the version of the installed package."""
    assert await run(tmp_path, "--version") == (0, f"slackbot {version('slackbot')}\n", "")


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["--loud"], "No such option '--loud'"),
        (["serve", "--loud"], "No such option '--loud'"),
        (["sing"], "No such command 'sing'"),
        (["serve", "twice"], "Got unexpected extra argument (twice)"),
        (["playground", "--port", "70000"], "Invalid value for '--port'"),
        (["instructions", "import"], "Missing argument 'FILE'"),
    ],
)
async def test_wrong_usage(tmp_path: Path, arguments: list[str], problem: str) -> None:
    """A mistake is a message that names it and the help, and the exit code is 2."""
    code, output, errors = await run(tmp_path, *arguments)
    assert (code, output) == (2, "")
    assert errors.startswith("Usage: slackbot")
    assert "--help' for help" in errors
    assert errors.splitlines()[-1].startswith(f"Error: {problem}")


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("slackbot ", list(COMMANDS)),
        ("slackbot pl", ["playground"]),
        ("slackbot --v", ["--version"]),
        ("slackbot forget --", ["--user", "--channel", "--thread", "--help"]),
        ("slackbot instructions ", ["export", "import"]),
    ],
)
async def test_completion(tmp_path: Path, typed: str, offered: list[str]) -> None:
    """Tab offers the commands and options that begin with what is typed."""
    code, output, errors = await run(
        tmp_path,
        _SLACKBOT_COMPLETE="bash_complete",
        COMP_WORDS=typed,
        COMP_CWORD=str(len(typed.split(" ")) - 1),
    )
    assert (code, errors) == (0, "")
    assert [line.partition(",")[2] for line in output.splitlines()] == offered


async def test_interrupted(tmp_path: Path) -> None:
    """Ctrl-C ends a command silently, with the exit code that shells expect."""
    asked = asyncio.Event()

    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.set()
        await reader.read()
        writer.close()

    async with await asyncio.start_server(say_nothing, "127.0.0.1", 0) as slack:
        port = slack.sockets[0].getsockname()[1]
        process = await start(
            tmp_path,
            "check",
            SLACK_API_URL=f"http://127.0.0.1:{port}/api/",
            SLACK_BOT_TOKEN="xoxb-1",
            SLACK_APP_TOKEN="xapp-1",
            OPENAI_API_KEY="sk-1",
        )
        await asked.wait()
        process.send_signal(signal.SIGINT)
        output, errors = await process.communicate()
    assert (process.returncode, output, errors) == (130, b"ok      settings\n", b"")
