"""No event is left without a session, whatever happens to its workspace at the same time."""

import asyncio

import pytest

from slackbot.app import owned_workspaces
from tests.app.office import TEAM, THREADS, Office

SEEDS = range(300)


async def test_nothing_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leases come and go, the bot is closed for being idle, the database fails: once this process
    keeps the workspace, it answers all that has arrived, without another event.
    """
    monkeypatch.setattr(owned_workspaces, "pause", lambda _: 0.0)
    for seed in SEEDS:
        office = Office(seed)
        office.fails = seed % 3 == 0
        steps = [office.deliver, office.deliver_elsewhere, office.close_idle]
        chosen = office.random.choices(steps, k=office.random.randrange(1, 12))
        await asyncio.gather(office.own(office.random.randrange(4)), *map(office.later, chosen))
        await office.settle()
        assert office.waiting == [], f"seed {seed}"
        await office.workspaces.close()
        await office.bots.close()


async def test_a_workspace_in_which_nothing_waits() -> None:
    """It costs no bot until something arrives, and none again once that is answered."""
    office = Office(0)
    lease = await office.own(0)
    assert office.bots.opened(TEAM) is None
    assert office.workspaces.owned() == [TEAM]
    await office.deliver_elsewhere()
    await office.settle()
    assert (office.waiting, office.bots.teams()) == ([], [TEAM])
    await office.close_idle()
    assert office.bots.teams() == []
    office.waiting.append(THREADS[0])
    office.workspaces.begin_soon(TEAM)
    await office.settle()
    assert office.waiting == []
    await office.workspaces.hand_over(lease)
    assert office.workspaces.owned() == []
    await office.deliver()
    await office.settle()
    assert len(office.waiting) == 1
    await office.bots.close()


async def test_a_lease_is_lost_while_answering_begins() -> None:
    """The database does not say what waits there: the end of the lease does not wait for it."""
    office = Office(0)
    lease = await office.own(0)
    office.hangs = True
    await office.deliver_elsewhere()
    await office.hung.wait()
    await office.workspaces.lose(lease)
    assert office.workspaces.owned() == []
    office.hangs = False
    await office.own(1)
    await office.settle()
    assert office.waiting == []


async def test_what_is_dismissed_while_it_begins() -> None:
    """It ends, though an event comes meanwhile; the next lease answers that."""
    for seed in SEEDS:
        office = Office(seed)
        await office.own(0)
        await asyncio.gather(office.deliver(), office.workspaces.dismiss(TEAM), office.deliver())
        assert office.workspaces.owned() == []
        await asyncio.gather(office.bots.close_one(TEAM), office.own(0))
        await office.settle()
        assert office.waiting == [], f"seed {seed}"
        await office.workspaces.close()
        await office.bots.close()
