"""Who has installed the app, as every store keeps it."""

import asyncio
from dataclasses import replace

from slackbot.conversation.ids import TeamId
from slackbot.delivery.rate_memory import RateMemory
from slackbot.store import RecordStore, open_store
from tests.workspaces.samples import ENCRYPTION, installation, key


async def test_another_run_reads_them(url: str) -> None:
    """Each workspace and each organisation has its own."""
    store = await open_store(url)
    saved = [
        installation("T1"),
        installation("T2", "E1", expires_at=1_700_043_200, refreshing_since=1_700_000_000),
        installation("", "E1"),
        installation("T3", "E1", sealed_tokens=""),
        installation("T4", removing_since=1_700_000_000, removal_reported_at=1_700_000_000),
        installation("T5", team_name="Grüße 👋 \x00", enterprise_name="\ud800"),
    ]
    for each in saved:
        await store.add_installation(each)
    await store.close()
    store = await open_store(url)
    assert {each.key: each for each in await store.installations()} == {
        each.key: each for each in saved
    }
    for each in saved:
        assert await store.installation(each.key) == each
    assert await store.installation(key("T9")) is None
    assert await store.installation(key("", "E9")) is None
    await store.close()


async def test_a_workspace_that_moves_into_an_organisation(store: RecordStore) -> None:
    """It is found by its ID alone, so its next installation takes the place of the old one."""
    assert await store.add_installation(installation("T1"))
    assert await store.installation(key("T1", "E1")) == installation("T1")
    assert not await store.add_installation(moved := installation("T1", "E1"))
    assert await store.replace_installation(installation("T1"), moved)
    assert await store.installations() == [moved]
    assert await store.installation(key("T1")) == moved


async def test_only_what_was_read_is_replaced(store: RecordStore) -> None:
    """Of two that change the same row, the second one is told."""
    first, second = installation("T1"), installation("T1", scopes=("commands",))
    await store.add_installation(first)
    assert await store.replace_installation(first, second)
    assert not await store.replace_installation(first, None)
    assert await store.installations() == [second]
    assert await store.replace_installation(second, None)
    assert not await store.replace_installation(second, first)
    assert await store.installations() == []


async def test_of_many_at_once_one_wins(url: str) -> None:
    """On two replicas, where the database allows two."""
    one = await open_store(url)
    other = await open_store(url, shared=True)
    first = installation("T1")
    await one.add_installation(first)
    claims = [
        store.replace_installation(first, replace(first, refreshing_since=number))
        for number, store in enumerate([one, other] * 5)
    ]
    assert sorted(await asyncio.gather(*claims)) == [False] * 9 + [True]
    await one.close()
    await other.close()


async def test_a_replacement_under_another_organisation(store: RecordStore) -> None:
    """What was read is replaced by what it becomes, whatever its key was."""
    old = installation("T1")
    await store.add_installation(old)
    new = replace(old, key=key("T1", "E1"))
    assert await store.replace_installation(old, new)
    assert await store.installations() == [new]


async def test_what_is_deleted_of_a_workspace(store: RecordStore) -> None:
    """Its data goes, and its installation stays until it is removed itself."""
    await store.add_installation(kept := installation("T1", "E1"))
    await store.forget_team(TeamId("T1"))
    assert await store.installations() == [kept]
    assert ENCRYPTION.open(kept.sealed_tokens, kept.key).bot == "xoxb-T1"


async def test_a_workspace_that_comes_back(store: RecordStore) -> None:
    """Once it is admitted again, anything about it is stored again."""
    team, learned = TeamId("T1"), RateMemory(lengths=(1.0,))
    await store.forget_team(team)
    await store.save_rates(team, learned)
    assert await store.rates(team) is None
    await store.admit_team(team)
    await store.save_rates(team, learned)
    assert await store.rates(team) == learned
