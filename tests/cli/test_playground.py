"""`slackbot playground` with its page, in a process of its own."""

import asyncio
import os
import re
import signal
import socket
from pathlib import Path

import aiohttp
import pytest

import slackbot
from slackbot.cli.playground import EXTRA
from slackbot.playground.fake_openai.server import ModelServer
from tests.command import run, start


async def test_the_playground(tmp_path: Path) -> None:
    """It says where its page is and which model answers, serves it, and ends on SIGTERM."""
    async with ModelServer() as model:
        arguments = ("playground", "--no-browser")
        process = await start(tmp_path, *arguments, OPENAI_BASE_URL=model.url)
        assert process.stdout is not None
        where = (await process.stdout.readline()).decode()
        which = (await process.stdout.readline()).decode()
        assert "Your own model answers" in which
        async with (
            aiohttp.ClientSession() as session,
            session.get(where.split()[-1]) as answer,
        ):
            assert "<title>Playground</title>" in await answer.text()
        process.send_signal(signal.SIGTERM)
        _, errors = await process.communicate()
    assert (process.returncode, errors) == (0, b"")
    assert os.listdir(tmp_path) == []  # noqa: PTH208 - a folder without files


@pytest.fixture
def browser(tmp_path: Path) -> Path:
    """A program that writes the address that it should open into a pipe."""
    script = tmp_path / "browser"
    os.mkfifo(tmp_path / "opened")
    script.write_text(f'#!/bin/sh\necho "$1" > {tmp_path}/opened\n')
    script.chmod(0o755)
    return script


def read(address: str) -> tuple[str, int]:
    """The content of a file, and who may look into its folder."""
    file = Path(address.removeprefix("file://"))
    return file.read_text(), file.parent.stat().st_mode & 0o777


async def test_the_playground_opens_the_browser(tmp_path: Path, browser: Path) -> None:
    """It opens the browser at the address that it prints, which no argument of a program holds."""
    async with ModelServer() as model:
        environment = {"OPENAI_BASE_URL": model.url, "BROWSER": str(browser)}
        process = await start(tmp_path, "playground", **environment)
        assert process.stdout is not None
        where = (await process.stdout.readline()).decode().split()[-1]
        opened = await asyncio.to_thread((tmp_path / "opened").read_text)
        content, mode = read(opened.strip())
        process.send_signal(signal.SIGINT)
        await process.communicate()
    assert process.returncode == 0
    assert f"url={where}" in content
    assert mode == 0o700


async def test_the_playgrounds_port(tmp_path: Path) -> None:
    """A port that is taken is one line, and so is a wrong setting."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        arguments = ("playground", "--no-browser", "--port", port)
        code, _, errors = await run(tmp_path, *arguments, OPENAI_API_KEY="sk-1")
    assert code == 2
    assert errors.startswith(f"slackbot: --port {port} can't be used")
    wrong = {"OPENAI_BASE_URL": "nowhere"}
    code, _, errors = await run(tmp_path, "playground", "--no-browser", **wrong)
    assert code == 2
    assert errors.startswith("slackbot: OPENAI_BASE_URL ")
    assert len(errors.splitlines()) == 1


@pytest.mark.parametrize("package", EXTRA)
async def test_without_the_extra(tmp_path: Path, package: str) -> None:
    """Without the extra, one line says how to install it."""
    folder = tmp_path / "startup"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(f"import sys; sys.modules[{package!r}] = None")
    code, output, errors = await run(tmp_path, "playground", PYTHONPATH=str(folder))
    assert (code, output) == (2, "")
    assert errors.startswith("slackbot: ")
    assert errors.endswith("pip install 'slackbot[playground]'\n")
    assert len(errors.splitlines()) == 1


def test_the_extra_is_what_the_page_alone_imports() -> None:
    """Nothing else of the bot imports what only the extra installs, but for a module that the
    workspace does without.
    """
    root = Path(slackbot.__file__).parent
    page = root / "playground" / "page"
    importers = {
        file
        for file in root.rglob("*.py")
        if re.search(rf"^(import|from) ({'|'.join(EXTRA)})\b", file.read_text(), re.MULTILINE)
    }
    assert importers
    others = [file.name for file in importers if page not in file.parents]
    assert others == ["translated_blocks.py"]


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("--terminal", "--replicas", "3"), "--terminal can't be combined with"),
        (("--keep", "kept", "--replicas", "3"), "--replicas can't be combined with --keep"),
        (("--replicas", "1"), "Invalid value for '--replicas'"),
        (("--replicas", "10"), "Invalid value for '--replicas'"),
    ],
)
async def test_options_that_exclude_each_other(
    tmp_path: Path, arguments: tuple[str, ...], problem: str
) -> None:
    """Nothing starts, and one sentence says why."""
    code, output, errors = await run(tmp_path, "playground", *arguments)
    assert (code, output) == (2, "")
    assert problem in errors
    assert os.listdir(tmp_path) == []  # noqa: PTH208 - a folder without files


async def test_replicas_without_the_extra(tmp_path: Path) -> None:
    """One line says what `--replicas` needs."""
    folder = tmp_path / "startup"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text("import sys; sys.modules['psycopg'] = None")
    arguments = ("playground", "--replicas", "3")
    code, output, errors = await run(tmp_path, *arguments, PYTHONPATH=str(folder))
    assert (code, output) == (2, "")
    assert errors.startswith("slackbot: --replicas needs ")
    assert errors.endswith("pip install 'slackbot[postgres]'\n")
