"""The chat in the terminal, as people start it."""

import asyncio
import os
import sys
import threading
from contextlib import suppress
from pathlib import Path

import pytest

from slackbot.cli.playground import EXTRA
from slackbot.playground.fake_openai.server import ModelServer
from slackbot.playground.fake_slack.workspace import Workspace
from slackbot.playground.terminal import converse
from tests.command import start


async def test_a_conversation(tmp_path: Path) -> None:
    """The chat names the model, answers each line, and ends with the input. It needs no extra."""
    folder = tmp_path / "startup"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(
        f"import sys; sys.modules.update(dict.fromkeys({EXTRA}))"
    )
    environment = {"OPENAI_MODEL": "scripted", "PYTHONPATH": str(folder)}
    async with ModelServer() as model:
        model.enqueue("Hello you.", "Twice.")
        environment["OPENAI_BASE_URL"] = model.url
        process = await start(tmp_path, "playground", "--terminal", **environment)
        output, errors = await process.communicate(b"hello\nagain\n/quit\n")
    assert (process.returncode, errors) == (0, b"")
    lines = output.decode()
    assert lines.startswith("scripted. Your own model answers, at 127.0.0.1.")
    assert lines.index("Hello you.") < lines.index("Twice.")


async def test_what_only_the_page_has(tmp_path: Path) -> None:
    """An option of the page alone is refused in the terminal."""
    process = await start(tmp_path, "playground", "--terminal", "--seed", "seed.yml")
    _, errors = await process.communicate()
    assert process.returncode == 2
    sentence = (
        b"slackbot: --terminal can't be combined with --port, --seed, --keep or --replicas: "
        b"leave them out.\n"
    )
    assert errors == sentence


def test_a_line_after_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """A line that is typed when the chat is over is nobody's, and no error."""

    async def leave() -> None:
        async with Workspace() as workspace:
            chat = asyncio.create_task(converse(workspace, "scripted", lambda: False))
            await asyncio.sleep(0)  # it waits for the first line now
            chat.cancel()
            with suppress(asyncio.CancelledError):
                await chat

    screen, keyboard = os.pipe()
    before = set(threading.enumerate())
    with os.fdopen(screen) as stdin, os.fdopen(keyboard, "w") as typed:
        monkeypatch.setattr(sys, "stdin", stdin)
        asyncio.run(leave())
        (reader,) = set(threading.enumerate()) - before
        typed.write("late\n")
        typed.flush()
        reader.join()
