"""What is stored of the tools of MCP servers."""

from pathlib import Path

from slackbot.conversation.ids import TeamId
from slackbot.llm.tool_pins import ServerPins, ToolDeclaration
from slackbot.store.sqlite import SqliteStore
from tests.store.rows import keys_of, sql

TEAM = TeamId("T1")
PINS = ServerPins({"read": ToolDeclaration("Reads.", "{}", "{}")}, ("abc",), 1_700_000_000)


async def test_another_run_reads_them(path: Path) -> None:
    """Each server of each workspace has its own."""
    store = await SqliteStore.open(path)
    assert await store.tool_pins(TEAM, "a") is None
    assert await store.replace_tool_pins(TEAM, "a", None, ServerPins())
    assert await store.replace_tool_pins(TEAM, "a", ServerPins(), PINS)
    await store.close()
    store = await SqliteStore.open(path)
    assert await store.tool_pins(TEAM, "a") == PINS
    assert await store.tool_pins(TEAM, "b") is None
    assert await store.tool_pins(TeamId("T2"), "a") is None
    await store.close()


async def test_another_replica_comes_first(path: Path) -> None:
    """What it has stored stays."""
    store = await SqliteStore.open(path)
    assert await store.replace_tool_pins(TEAM, "a", None, PINS)
    assert not await store.replace_tool_pins(TEAM, "a", None, ServerPins())
    assert not await store.replace_tool_pins(TEAM, "a", ServerPins(), ServerPins())
    assert await store.all_tool_pins(TEAM) == {"a": PINS}
    assert await store.all_tool_pins(TeamId("T2")) == {}
    await store.close()


async def test_a_row_that_can_not_be_read(path: Path) -> None:
    """It is no reason to trust a server as if it were new."""
    store = await SqliteStore.open(path)
    await store.replace_tool_pins(TEAM, "a", None, PINS)
    sql(path, "UPDATE store SET value = '{}' WHERE key = 'pins/T1/a'")
    assert await store.tool_pins(TEAM, "a") == ServerPins()
    assert await store.all_tool_pins(TEAM) == {"a": ServerPins()}
    await store.close()


async def test_a_workspace_that_is_forgotten(path: Path) -> None:
    """Its pins are deleted and not written again; those of others stay."""
    store = await SqliteStore.open(path)
    await store.replace_tool_pins(TEAM, "a", None, PINS)
    await store.replace_tool_pins(TeamId("T2"), "a", None, PINS)
    await store.forget_team(TEAM)
    assert not await store.replace_tool_pins(TEAM, "a", None, PINS)
    await store.close()
    assert keys_of(path) == ["pins/T2/a"]
