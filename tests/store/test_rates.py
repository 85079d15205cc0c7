"""What is left of Slack's rate limits, in the database."""

from pathlib import Path

import pytest

from slackbot.conversation.ids import ChannelId, TeamId
from slackbot.delivery.rate_memory import BudgetMemory, RateMemory
from slackbot.store import keys
from slackbot.store.sqlite import SqliteStore
from slackbot.store.sqlite.table import SqliteTable

TEAM = TeamId("T1")
RATES = RateMemory(
    {"chat.update": BudgetMemory(47.5, 3, (1_000.25, 1_001.0), closed_until=1_005.0)},
    {ChannelId("C1"): BudgetMemory(5.0, 3)},
    lengths=(8.5, 20.0),
    follow_ups=0.5,
)


async def test_another_run_reads_what_was_kept(tmp_path: Path) -> None:
    """The last state of each workspace is there."""
    store = await SqliteStore.open(tmp_path / "bot.db")
    assert await store.rates(TEAM) is None
    await store.save_rates(TEAM, RateMemory())
    await store.save_rates(TEAM, RATES)
    await store.close()
    store = await SqliteStore.open(tmp_path / "bot.db")
    assert await store.rates(TEAM) == RATES
    assert await store.rates(TeamId("T2")) is None
    await store.close()


async def test_a_damaged_row_is_as_none(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Where it can't be read, the documented limits hold."""
    store = await SqliteStore.open(tmp_path / "bot.db")
    await store.save_rates(TEAM, RATES)
    await store.close()
    table = SqliteTable.open(tmp_path / "bot.db")
    with table.transaction():
        table.put(keys.rates_key(TEAM), b'{"v":4,"methods":7}')
    table.close()
    store = await SqliteStore.open(tmp_path / "bot.db")
    assert await store.rates(TEAM) is None
    assert "can't be read" in caplog.text
    await store.close()


async def test_a_forgotten_workspace_is_not_written_again(tmp_path: Path) -> None:
    """Once a workspace has removed the app, nothing about it is kept."""
    store = await SqliteStore.open(tmp_path / "bot.db")
    await store.save_rates(TEAM, RATES)
    await store.forget_team(TEAM)
    await store.save_rates(TEAM, RATES)
    assert await store.rates(TEAM) is None
    await store.close()
