"""When bots are opened and closed."""

import asyncio
from contextlib import AsyncExitStack

import pytest

from slackbot.app.workspace_bots import WorkspaceBots
from slackbot.conversation.ids import TeamId
from slackbot.errors import StoreError
from tests.app.office import TEAM, Office, OfficeBot


async def test_idle_bots_are_closed() -> None:
    """Those that nobody asked for so long, and that need not stay open."""
    office, now, opened = Office(0), [0.0], list[TeamId]()

    async def open_bot(_: AsyncExitStack, team: TeamId) -> OfficeBot:
        opened.append(team)
        return OfficeBot(office)

    bots = WorkspaceBots(open_bot, lambda: now[0])
    stays: set[TeamId] = {TeamId("T3")}

    async def rest(team: TeamId) -> bool:
        assert bots.opened(team) is None
        return team not in stays

    for number in (1, 2, 3):
        await bots.get(TeamId(f"T{number}"))
    now[0] = 9.0
    second = await bots.get(TeamId("T2"))
    now[0] = 10.0
    await bots.close_idle(10.0, rest)
    assert bots.teams() == ["T2", "T3"]
    assert await bots.get(TeamId("T2")) is second
    await bots.get(TeamId("T1"))
    assert opened == ["T1", "T2", "T3", "T1"]
    await bots.close()
    assert bots.teams() == []


async def test_deliveries_at_once_open_one_bot() -> None:
    """Another one is opened only after a failure, or where the app was not installed before."""
    office, results = Office(0), [StoreError("It fails."), None, OfficeBot(Office(0))]

    async def open_bot(_: AsyncExitStack, __: TeamId) -> OfficeBot | None:
        await office.pause()
        result = results.pop(0)
        if isinstance(result, StoreError):
            raise result
        return result

    bots = WorkspaceBots(open_bot)
    first, *others = await asyncio.gather(
        *(bots.get(TEAM) for _ in range(5)), return_exceptions=True
    )
    assert isinstance(first, StoreError)
    assert others[0] is None
    assert all(other is bots.opened(TEAM) is not None for other in others[1:])
    with pytest.raises(IndexError):
        await bots.get(TeamId("T2"))
