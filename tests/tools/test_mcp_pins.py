"""What counts of what servers declare, and what waits for an admin."""

import asyncio
import logging
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from slackbot.conversation.ids import TeamId
from slackbot.llm.tool_pins import ToolDeclaration
from slackbot.store.sqlite import SqliteStore
from slackbot.tools.mcp_pins import TELL_SECONDS, McpPins, ReviewedTool

TEAM = TeamId("T1")
OLD = ToolDeclaration("Reads.", "{}", '{"readOnlyHint":true}')
NEW = ToolDeclaration("Reads all.", "{}", '{"readOnlyHint":true}')


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    store = await SqliteStore.open(tmp_path / "bot.db")
    yield store
    await store.close()


async def test_first_sight(store: SqliteStore) -> None:
    """What a server lists first is accepted, also by the next process; an empty list is none."""
    pins = McpPins(store, TEAM)
    await pins.take("a", {})
    assert pins.reviewed("a") == []
    await pins.take("a", {"read": OLD})
    again = McpPins(store, TEAM)
    await again.take("a", {"read": OLD})
    assert pins.reviewed("a") == again.reviewed("a") == [ReviewedTool("read", OLD, accepted=True)]
    assert pins.waiting() == []


async def test_changes(store: SqliteStore) -> None:
    """The pinned declaration counts until the change is accepted, and a new tool is not known."""
    pins = McpPins(store, TEAM)
    await pins.take("a", {"read": OLD})
    await pins.take("a", {"read": NEW, "write": OLD})
    assert pins.reviewed("a") == [
        ReviewedTool("read", OLD, accepted=False),
        ReviewedTool("write", OLD, accepted=False, known=False),
    ]
    changed, added = pins.waiting()
    assert (changed.pinned, added.pinned) == (OLD, None)
    assert changed.declaration.differences(OLD) == ("description",)
    calls: list[None] = []
    pins.on_review(lambda: calls.append(None))
    assert await pins.accept(changed.identity)
    assert calls
    assert not await pins.accept(changed.identity)
    assert pins.reviewed("a")[0] == ReviewedTool("read", NEW, accepted=True)
    assert pins.waiting() == [added]
    await pins.take("a", {"read": OLD})
    assert pins.reviewed("a") == [ReviewedTool("read", NEW, accepted=False)]


async def test_admins_are_told_once(store: SqliteStore) -> None:
    """A server that changes all the time is a message a day, and none while nothing is new."""
    now = 1_700_000_000.0
    pins = McpPins(store, TEAM, clock=lambda: now)
    await pins.take("a", {"read": OLD})
    assert await pins.take_untold() == []
    await pins.take("a", {"read": NEW})
    told = await asyncio.gather(*(pins.take_untold() for _ in range(3)))
    assert sum(map(len, told)) == 1
    await pins.take("a", {"read": NEW, "write": OLD})
    assert await pins.take_untold() == []
    now += TELL_SECONDS
    assert len(await pins.take_untold()) == 2
    now += TELL_SECONDS
    assert await pins.take_untold() == []


async def test_two_replicas(store: SqliteStore) -> None:
    """What one accepts stays accepted when the other accepts more, and counts there after a look;
    admins are told by one of them.
    """
    one, other = McpPins(store, TEAM), McpPins(store, TEAM)
    for pins in (one, other):
        await pins.take("a", {"read": OLD, "write": OLD})
        await pins.take("a", {"read": NEW, "write": NEW})
    told = await asyncio.gather(one.take_untold(), other.take_untold())
    assert sorted(map(len, told)) == [0, 2]
    read, write = one.waiting()
    assert await one.accept(read.identity)
    assert not await other.accept(read.identity)
    assert await other.accept(write.identity)
    assert other.waiting() == []
    calls: list[None] = []
    one.on_review(lambda: calls.append(None))
    await one.refresh()
    await one.refresh()
    assert one.waiting() == []
    assert len(calls) == 1


async def test_both_accept_at_once(store: SqliteStore) -> None:
    """Neither acceptance is lost."""
    one, other = McpPins(store, TEAM), McpPins(store, TEAM)
    for pins in (one, other):
        await pins.take("a", {"read": OLD, "write": OLD})
        await pins.take("a", {"read": NEW, "write": NEW})
    read, write = one.waiting()
    assert all(await asyncio.gather(one.accept(read.identity), other.accept(write.identity)))
    for pins in (one, other):
        await pins.refresh()
        assert pins.waiting() == []


async def test_a_workspace_that_has_removed_the_app(store: SqliteStore) -> None:
    """Nothing is accepted any more."""
    pins = McpPins(store, TEAM)
    await pins.take("a", {"read": OLD})
    await pins.take("a", {"read": NEW})
    (change,) = pins.waiting()
    await store.forget_team(TEAM)
    assert not await pins.accept(change.identity)
    assert await store.all_tool_pins(TEAM) == {}


async def test_a_store_that_fails(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Nothing is accepted then."""
    caplog.set_level(logging.WARNING)
    store = await SqliteStore.open(tmp_path / "bot.db")
    await store.close()
    pins = McpPins(store, TEAM)
    await pins.take("a", {"read": OLD})
    assert pins.reviewed("a") == [ReviewedTool("read", OLD, accepted=False, known=False)]
    assert pins.waiting() == []
    assert "MCP server a: its tools can't be pinned" in caplog.text
    await pins.refresh()
    assert pins.waiting() == []
