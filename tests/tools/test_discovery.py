import sys
from pathlib import Path

import pytest

from slackbot.errors import ConfigError
from slackbot.tools.discovery import discover_tools

TOOL = """\
from slackbot.tools import tool

@tool
def {name}() -> str:
    "Says who it is."
    return "{name}"
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    return tmp_path


def test_modules(folder: Path) -> None:
    """Modules in the working directory are found, in the order of the setting."""
    (folder / "ours_one.py").write_text(TOOL.format(name="one"))
    (folder / "ours_two.py").write_text(TOOL.format(name="two"))
    tools = discover_tools(["ours_two", "ours_one"])
    assert [tool.definition.name for tool in tools] == ["two", "one"]


def test_installed_package(folder: Path) -> None:
    """An installed package brings its tools through its entry point."""
    (folder / "theirs.py").write_text(TOOL.format(name="three"))
    metadata = folder / "theirs-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: theirs\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text(
        "[slackbot.tools]\ntheirs = theirs\nit = theirs:three\n"
    )
    sys.path.insert(0, str(folder))
    with pytest.raises(ConfigError, match="two tools called three"):
        discover_tools([])
    (metadata / "entry_points.txt").write_text("[slackbot.tools]\nit = theirs:three\n")
    assert [each.definition.name for each in discover_tools([])] == ["three"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("import nothing_like_that", "can't be imported: ModuleNotFoundError"),
        (
            "from slackbot.tools import tool\n@tool(role='boss')\ndef f() -> None:\n    'Does it.'",
            "can't be imported: ValueError.*'boss' is no role; the roles are outsider, guest",
        ),
        ("raise SystemError('no')", "can't be imported: SystemError"),
        ("x = 1", "no function is marked with @tool"),
        (TOOL.format(name="one").replace('"Says who it is."', "x = 1"), "one: it has no docstring"),
        (TOOL.format(name="one").replace("()", "(a: Unknown = 1)", 1), "Unknown"),
    ],
)
def test_broken_modules(folder: Path, text: str, problem: str) -> None:
    """A mistake in a team's module is one line that names the setting and the place."""
    name = f"ours_{abs(hash(text))}"
    (folder / f"{name}.py").write_text(text)
    with pytest.raises(ConfigError, match=problem) as refused:
        discover_tools([name])
    assert str(refused.value).startswith("SLACKBOT_TOOLS ")
