"""The file that names MCP servers: what is read from it, and what is said of mistakes."""

from pathlib import Path

import pytest

from slackbot.errors import ConfigError
from slackbot.tools.mcp_config import servers


def test_what_stands_there(tmp_path: Path) -> None:
    """Programs and addresses are read, and secrets taken from the environment."""
    path = tmp_path / "mcp.json"
    path.write_text(
        """{"mcpServers": {
            "files": {"command": "mcp-files", "args": ["/data/${PLACE}"]},
            "tickets": {"url": "https://example.com/mcp",
                        "headers": {"Authorization": "Bearer ${TOKEN}"}, "confirm": ["delete"]}
        }}"""
    )
    read = servers(str(path), {"TOKEN": "secret", "PLACE": "x"})
    assert read["files"].args == ("/data/x",)
    assert read["tickets"].headers == {"Authorization": "Bearer secret"}
    assert "secret" not in repr(read)
    assert read["tickets"].needs_confirmation("delete", read_only=True)
    assert not read["tickets"].needs_confirmation("burn", read_only=False)
    assert read["files"].needs_confirmation("burn", read_only=False)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "SLACKBOT_MCP names .*: the file: Invalid JSON"),
        ("{}", "mcpServers: Field required"),
        ('{"mcpServers": {"a b": {"command": "x"}}}', "mcpServers.a b.*: String should match"),
        ('{"mcpServers": {"a": {}}}', "a needs a command or a url"),
        ('{"mcpServers": {"a": {"command": "x", "url": "y"}}}', "a needs a command or a url"),
        ('{"mcpServers": {"a": {"command": 7}}}', "mcpServers.a.command: Input should be a valid"),
        ('{"mcpServers": {"a": {"comand": "x"}}}', "mcpServers.a.comand: Extra inputs are not"),
        ('{"mcpServers": {"a": {"url": "${TOKEN}"}}}', "TOKEN is not set"),
    ],
)
def test_mistakes(tmp_path: Path, text: str, problem: str) -> None:
    """A mistake in the file is one line that says where it is."""
    path = tmp_path / "mcp.json"
    path.write_text(text)
    with pytest.raises(ConfigError, match=problem):
        servers(str(path), {})


def test_no_file() -> None:
    """So is a file that is not there."""
    with pytest.raises(ConfigError, match=r"SLACKBOT_MCP names the file .*, which can't be read"):
        servers("/there/is/no/such/file", {})
