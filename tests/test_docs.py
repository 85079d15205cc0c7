"""The documentation tells the truth where a machine can tell."""

import json
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

import slackbot.config
from slackbot.instructions.yaml_file import parse_yaml
from slackbot.playground.fake_openai.script import calls
from slackbot.playground.seed import read_seed
from slackbot.tools.mcp_config import load_mcp_config
from tests.harness import BotHarness

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
README = (ROOT / "README.md").read_text()
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.glob("*.md"), *(ROOT / "examples").glob("*.md")])

SETTING = r"(?:SLACK|OPENAI|SLACKBOT|DATABASE|LOG|PORT)[A-Z_]*"


def named(page: Path) -> str:
    return str(page.relative_to(ROOT))


def fences(page: Path, language: str) -> list[str]:
    """The fenced blocks of a page in a language."""
    pattern = rf"^```{language}\n(.*?)^```"
    return re.findall(pattern, page.read_text(), re.DOTALL | re.MULTILINE)


def between(page: Path, name: str) -> str:
    """What stands between a page's markers."""
    _, _, rest = page.read_text().partition(f"<!-- {name}:begin -->")
    return rest.partition(f"<!-- {name}:end -->")[0]


def prose(page: Path) -> str:
    """A page without its code."""
    text = re.sub(r"^ *```.*?^ *```", "", page.read_text(), flags=re.DOTALL | re.MULTILINE)
    return re.sub(r"`[^`\n]*`", lambda code: re.sub(r"[\[\]()<>]", " ", code[0]), text)


def links(page: Path) -> list[str]:
    """Where a page's links and pictures lead, other than to other hosts."""
    text = prose(page)
    found = re.findall(r"\]\(([^)\s]+)\)", text) + re.findall(r'(?:src|href)="([^"]+)"', text)
    return [link for link in found if not urlsplit(link).scheme]


def anchors(page: Path) -> Iterator[str]:
    """The anchors that GitHub gives to a page's headings; the site's are the same for these."""
    for heading in re.findall(r"^#{1,6} (.+)$", prose(page), re.MULTILINE):
        kept = re.sub(r"[^\w\- ]", "", heading.strip().lower())
        yield kept.replace(" ", "-")


def test_the_readme_is_short() -> None:
    """It shows before it explains, and the rest is in docs/."""
    assert len(README.splitlines()) <= 150


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_links_lead_somewhere(page: Path) -> None:
    """Each relative link leads to a file that is there, and its anchor to one of its headings."""
    for link in links(page):
        path, _, anchor = unquote(link).partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


@pytest.mark.parametrize("page", sorted(DOCS.glob("*.md")), ids=named)
def test_pages_link_to_pages_alone(page: Path) -> None:
    """A link out of docs/ works on GitHub and is broken on the site."""
    for link in links(page):
        path = link.partition("#")[0]
        assert (page.parent / path).resolve().is_relative_to(DOCS), link


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_no_heading_twice(page: Path) -> None:
    """Two headings with one anchor can't both be linked to."""
    found = list(anchors(page))
    assert page.name == "CHANGELOG.md" or len(found) == len({*found})


def test_every_page_is_found() -> None:
    """The README and the site's navigation name each page."""
    site = tomllib.loads((ROOT / "zensical.toml").read_text())["project"]["nav"]
    pages = {page.name for page in DOCS.glob("*.md")}
    assert set(re.findall(r"'([\w-]+\.md)'", str(site))) == pages
    assert pages - {"index.md"} == set(re.findall(r"docs/([\w-]+\.md)", README))


def test_every_setting_is_in_the_table() -> None:
    """Each variable that is read has its row, and each row is a variable that is read."""
    files = Path(slackbot.config.__file__).parent.glob("*.py")
    source = "".join(file.read_text() for file in files)
    read = set(re.findall(rf'"({SETTING})"', source))
    table = between(DOCS / "settings.md", "settings")
    assert set(re.findall(r"^\| `([A-Z_]+)` \|", table, re.MULTILINE)) == read


def test_every_setting_is_in_the_example() -> None:
    """.env.example names the variables of the table, each once."""
    table = between(DOCS / "settings.md", "settings")
    rows = re.findall(r"^\| `([A-Z_]+)` \|", table, re.MULTILINE)
    example = (ROOT / ".env.example").read_text()
    assert sorted(re.findall(rf"^(?:# )?({SETTING})=", example, re.MULTILINE)) == sorted(rows)


def test_two_commands_set_everything_up() -> None:
    """The two commands that a newcomer copies are there once each, and one runs the tests."""
    commands = re.findall(r"^python3 -m venv .*$", README, re.MULTILINE)
    assert len(commands) == 2
    assert commands[0].endswith(" slackbot playground")
    assert commands[1].endswith(" pytest")


@pytest.mark.parametrize("name", ["index.md", "playground.md"])
def test_one_command_everywhere(name: str) -> None:
    """The pages show the README's first command, word for word."""
    command = next(line for line in README.splitlines() if line.endswith(" slackbot playground"))
    assert command in (DOCS / name).read_text().splitlines()


async def test_a_tool_in_ten_lines(
    harness: BotHarness, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The tool that the README and the page show works as it stands, and has at most ten lines."""
    (text,) = fences(ROOT / "README.md", "python")
    assert fences(DOCS / "tools.md", "python") == [text]
    assert len(text.splitlines()) <= 10
    (tmp_path / "our_tools.py").write_text(text.replace("U012AB3CD", harness.ana.id))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    async with harness.running({"SLACKBOT_TOOLS": "our_tools"}):
        harness.model.enqueue(calls("days_off", "{}"), "You have twelve.")
        await harness.finished(await harness.mention("how many days off have I left?"))
    assert harness.model.requests[-1]["messages"][-1]["content"] == "12 days in 2026"


def test_mcp_file(tmp_path: Path) -> None:
    """The file of MCP servers on the page can be read."""
    (text,) = fences(DOCS / "tools.md", "json")
    (tmp_path / "mcp.json").write_text(text)
    named = load_mcp_config(str(tmp_path / "mcp.json"), {"TICKETS": "secret"})
    assert {*named} == {*json.loads(text)["mcpServers"]}
    assert named["tickets"].headers == {"Authorization": "Bearer secret"}


def test_instructions_file() -> None:
    """The file of instructions on the page can be imported."""
    (text,) = fences(DOCS / "instructions.md", "yaml")
    assert len(parse_yaml(text).settings) == 3


def test_seed_file(tmp_path: Path) -> None:
    """The seed on the page can be read."""
    (text,) = fences(DOCS / "playground.md", "yaml")
    (tmp_path / "seed.yml").write_text(text)
    assert [each.name for each in read_seed(tmp_path / "seed.yml").channels] == ["support", "board"]


def test_paths_in_the_map() -> None:
    """Each file and folder that the map of the code names is there."""
    text = (DOCS / "architecture.md").read_text()
    paths = re.findall(r"`(slackbot/[\w./]+)`", text)
    assert len(paths) > 30
    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_packages_in_the_map() -> None:
    """Each package has its row in the map of the code."""
    text = (DOCS / "architecture.md").read_text()
    packages = {f"slackbot/{each.parent.name}/" for each in ROOT.glob("slackbot/*/__init__.py")}
    assert packages <= set(re.findall(r"^\| `(slackbot/[\w./]+)` \|", text, re.MULTILINE))


def test_every_attack_is_in_the_list() -> None:
    """docs/security.md names each file of tests/security/, once, and other tests that are there."""
    listed = (DOCS / "security.md").read_text().partition("## The attacks")[2]
    files = sorted(path.name for path in (ROOT / "tests" / "security").glob("test_*.py"))
    assert sorted(re.findall(r"`(test_\w+\.py)`", listed)) == files
    others = re.findall(r"`(tests/[\w/]+\.py)`", listed)
    assert others
    assert all((ROOT / path).exists() for path in others)


def test_words_of_the_glossary() -> None:
    """Each class and function in the glossary is there, under that name."""
    source = "\n".join(each.read_text() for each in ROOT.glob("slackbot/**/*.py"))
    pattern = r"^\s*(?:class|(?:async )?def) (\w+)|^\s*(\w+)(?:: \w+)? ="
    names = {name for pair in re.findall(pattern, source, re.MULTILINE) for name in pair}
    glossary = (DOCS / "architecture.md").read_text().partition("## Glossary")[2]
    words = re.findall(r"^\| `(\w+)(?:\(\))?` \|", glossary, re.MULTILINE)
    assert len(words) > 50
    assert [word for word in words if word not in names] == []


def test_layers_in_the_map() -> None:
    """The layers on the page are those that import-linter checks."""
    (contract,) = (
        each
        for each in tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"][
            "contracts"
        ]
        if each["type"] == "layers"
    )
    (text,) = re.findall(
        r"```text\n(.*?)```", between(DOCS / "architecture.md", "layers"), re.DOTALL
    )
    assert text.splitlines() == [each.replace("slackbot.", "") for each in contract["layers"]]
