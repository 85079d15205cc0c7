"""Who has installed the app, as it is stored."""

import logging
from dataclasses import replace
from pathlib import Path

import pytest

from slackbot.conversation.ids import TeamId
from slackbot.delivery.rate_memory import RateMemory
from slackbot.store.sqlite import SqliteStore
from tests.store.rows import content_of, keys_of, sql
from tests.workspaces.samples import ENCRYPTION, installation, key


async def test_another_run_reads_them(path: Path) -> None:
    """Each workspace and each organisation has its own."""
    store = await SqliteStore.open(path)
    saved = [
        installation("T1"),
        installation("T2", "E1", expires_at=1_700_043_200, refreshing_since=1_700_000_000),
        installation("", "E1"),
        installation("T3", "E1", sealed_tokens=""),
        installation("T4", removing_since=1_700_000_000, removal_reported_at=1_700_000_000),
    ]
    for each in saved:
        await store.save_installation(each)
    await store.close()
    store = await SqliteStore.open(path)
    assert {each.key: each for each in await store.installations()} == {
        each.key: each for each in saved
    }
    for each in saved:
        assert await store.installation(each.key) == each
    assert await store.installation(key("T9")) is None
    assert await store.installation(key("", "E9")) is None
    await store.close()
    assert keys_of(path) == [
        "installation/-/T1",
        "installation/-/T4",
        "installation/E1/-",
        "installation/E1/T2",
        "installation/E1/T3",
    ]


async def test_no_token_can_be_read_in_the_file(path: Path) -> None:
    """The file and its log hold the token only as it is encrypted."""
    store = await SqliteStore.open(path)
    await store.save_installation(installation("T1"))
    assert b"xoxb-" not in content_of(path)
    stored = await store.installation(key("T1"))
    assert stored is not None
    assert ENCRYPTION.open(stored.sealed_tokens, stored.key).bot == "xoxb-T1"
    await store.close()


async def test_a_workspace_that_moves_into_an_organisation(path: Path) -> None:
    """It is found by its ID alone, and its next installation takes the place of the old one."""
    store = await SqliteStore.open(path)
    await store.save_installation(installation("T1"))
    assert await store.installation(key("T1", "E1")) == installation("T1")
    await store.save_installation(moved := installation("T1", "E1"))
    assert await store.installations() == [moved]
    assert await store.installation(key("T1")) == moved
    await store.close()


async def test_only_what_was_read_is_replaced(path: Path) -> None:
    """Of two that change the same row, the second one is told."""
    store = await SqliteStore.open(path)
    first, second = installation("T1"), installation("T1", scopes=("commands",))
    await store.save_installation(first)
    assert await store.replace_installation(first, second)
    assert not await store.replace_installation(first, None)
    assert await store.installations() == [second]
    assert await store.replace_installation(second, None)
    assert not await store.replace_installation(second, first)
    assert await store.installations() == []
    await store.close()


async def test_a_row_that_can_not_be_read(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The others are served, and the log says which one is not and what to do."""
    store = await SqliteStore.open(path)
    await store.save_installation(installation("T1"))
    await store.save_installation(installation("T2"))
    sql(path, "UPDATE store SET value = '{}' WHERE key = 'installation/-/T1'")
    assert await store.installations() == [installation("T2")]
    assert await store.installation(key("T1")) is None
    errors = [each.getMessage() for each in caplog.records if each.levelno == logging.ERROR]
    assert len(errors) == 2
    assert all("installation/-/T1" in each and "install the app again" in each for each in errors)
    await store.save_installation(installation("T1"))
    assert await store.installation(key("T1")) == installation("T1")
    await store.close()


async def test_the_row_of_another_workspace_is_not_read(path: Path) -> None:
    """A row that was copied under another key is damaged."""
    store = await SqliteStore.open(path)
    await store.save_installation(installation("T1"))
    sql(path, "UPDATE store SET key = 'installation/-/T2'")
    assert await store.installation(key("T2")) is None
    await store.close()


async def test_what_is_deleted_of_a_workspace(path: Path) -> None:
    """Its data goes, and its installation stays until it is removed itself."""
    store = await SqliteStore.open(path)
    await store.save_installation(installation("T1", "E1"))
    await store.forget_team(TeamId("T1"))
    assert keys_of(path) == ["installation/E1/T1"]
    await store.close()


async def test_a_workspace_that_comes_back(path: Path) -> None:
    """What is learned of Slack's limits is stored again once a bot begins in the workspace."""
    store, team = await SqliteStore.open(path), TeamId("T1")
    await store.forget_team(team)
    await store.save_rates(team, RateMemory())
    assert keys_of(path) == []
    assert await store.rates(team) is None
    await store.save_rates(team, RateMemory())
    assert keys_of(path) == ["rates/T1"]
    await store.close()


async def test_a_replacement_under_another_organisation(path: Path) -> None:
    """What was read is replaced by what it becomes, whatever its key was."""
    store = await SqliteStore.open(path)
    old = installation("T1")
    await store.save_installation(old)
    new = replace(old, key=key("T1", "E1"))
    assert await store.replace_installation(old, new)
    assert await store.installations() == [new]
    await store.close()
