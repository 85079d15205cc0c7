"""What is left of a server's answer."""

from typing import Any

from slackbot.tools.mcp_trimming import MAX_PARTS, trim
from slackbot.tools.registry import MAX_TOOLS

ICONS = [{"src": "a:b"}] * 1_000


def trimmed(result: dict[str, Any]) -> dict[str, Any]:
    trim(result)
    return result


def test_parts() -> None:
    """Each part becomes text; what is no part stays, and is refused by who reads it."""
    content = [
        {"type": "text", "text": "Here:", "annotations": {}},
        {"type": "resource", "resource": {"uri": "a:b", "text": "Nothing."}},
        {"type": "resource", "resource": {"uri": "a:b", "blob": ""}},
        {"type": "image", "data": "a" * 100},
        {"type": "resource_link", "icons": ICONS},
        7,
    ]
    texts = ["Here:", "Nothing.", "[resource]", "[image]", "[resource_link]"]
    assert trimmed({"content": content})["content"] == [
        *({"type": "text", "text": text} for text in texts),
        7,
    ]
    assert len(trimmed({"content": content * 1_000})["content"]) == MAX_PARTS


def test_tools() -> None:
    """A bounded number of tools, each with what the bot knows of tools."""
    tool = {"name": "a", "inputSchema": {}, "outputSchema": {}, "icons": ICONS, "_meta": {}}
    assert trimmed({"tools": [tool, 7]})["tools"] == [{"name": "a", "inputSchema": {}}, 7]
    assert len(trimmed({"tools": [tool] * 1_000})["tools"]) == MAX_TOOLS + 1


def test_others() -> None:
    """A server's name is kept without its icons, and what is not as it should be stays so."""
    assert trimmed({"serverInfo": {"name": "a", "icons": ICONS}}) == {"serverInfo": {"name": "a"}}
    odd = {"serverInfo": 7, "tools": "all", "content": None}
    assert trimmed(dict(odd)) == odd
