from pathlib import Path

import pytest

from slackbot.errors import ConfigError
from slackbot.tools.mcp_config import load_mcp_config


def test_servers(tmp_path: Path) -> None:
    """Programs and URLs are read, and secrets are taken from the environment and not shown."""
    path = tmp_path / "mcp.json"
    path.write_text(
        """{"mcpServers": {
            "files": {"command": "mcp-files", "args": ["/data/${PLACE}"]},
            "tickets": {"url": "https://example.com/mcp",
                        "headers": {"Authorization": "Bearer ${TOKEN}"}, "confirm": ["delete"],
                        "role": "admin"}
        }}"""
    )
    read = load_mcp_config(str(path), {"TOKEN": "secret", "PLACE": "x"})
    assert read["files"].args == ("/data/x",)
    assert read["tickets"].headers == {"Authorization": "Bearer secret"}
    assert "secret" not in repr(read)
    assert (read["tickets"].role, read["files"].role) == ("admin", "member")
    assert read["tickets"].requires_approval("delete", read_only=True)
    assert read["tickets"].requires_approval("burn", read_only=False)
    assert not read["tickets"].requires_approval("burn", read_only=True)
    assert read["files"].requires_approval("burn", read_only=False)


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
        (
            '{"mcpServers": {"a": {"command": "x", "role": "boss"}}}',
            "mcpServers.a.role: Input should be 'outsider', 'guest', 'member', 'admin' or 'owner'",
        ),
        ('{"mcpServers": {"a": {"url": "${TOKEN}"}}}', "TOKEN is not set"),
    ],
)
def test_mistakes(tmp_path: Path, text: str, problem: str) -> None:
    """A mistake in the file is one line that says where it is."""
    path = tmp_path / "mcp.json"
    path.write_text(text)
    with pytest.raises(ConfigError, match=problem):
        load_mcp_config(str(path), {})


def test_no_file() -> None:
    """A missing file is one line as well."""
    with pytest.raises(ConfigError, match=r"SLACKBOT_MCP names the file .*, which can't be read"):
        load_mcp_config("/there/is/no/such/file", {})
