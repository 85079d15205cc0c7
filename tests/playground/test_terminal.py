"""The chat in the terminal, as people start it."""

from pathlib import Path

from slackbot.cli.playground import EXTRA
from slackbot.playground.fake_openai.server import ModelServer
from tests.command import start


async def test_a_conversation(tmp_path: Path) -> None:
    """The chat names the model, answers each line, and ends with the input."""
    async with ModelServer() as model:
        model.enqueue("Hello you.", "Twice.")
        process = await start(
            tmp_path, "playground", "--terminal", OPENAI_BASE_URL=model.url, OPENAI_MODEL="scripted"
        )
        output, errors = await process.communicate(b"hello\nagain\n/quit\n")
    assert (process.returncode, errors) == (0, b"")
    lines = output.decode()
    assert lines.startswith("scripted. Your own model answers, at 127.0.0.1.")
    assert lines.index("Hello you.") < lines.index("Twice.")


async def test_without_the_extra(tmp_path: Path) -> None:
    """The terminal needs none of the packages that only the page's extra installs."""
    folder = tmp_path / "startup"
    folder.mkdir()
    missing = "".join(f"sys.modules[{package!r}] = None\n" for package in EXTRA)
    (folder / "sitecustomize.py").write_text(f"import sys\n{missing}")
    process = await start(tmp_path, "playground", "--terminal", PYTHONPATH=str(folder))
    output, errors = await process.communicate(b"hello\n/quit\n")
    assert (process.returncode, errors) == (0, b"")
    assert b"hello" in output


async def test_what_only_the_page_has(tmp_path: Path) -> None:
    """An option of the page alone is refused in the terminal."""
    process = await start(tmp_path, "playground", "--terminal", "--seed", "seed.yml")
    _, errors = await process.communicate()
    assert process.returncode == 2
    sentence = (
        b"slackbot: --terminal can't be combined with --port, --seed or --keep: leave them out.\n"
    )
    assert errors == sentence
