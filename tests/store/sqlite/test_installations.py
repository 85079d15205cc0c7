"""Who has installed the app, in SQLite's file."""

import logging
from pathlib import Path

import pytest

from slackbot.store.sqlite import SqliteStore
from tests.store.rows import content_of, keys_of, sql
from tests.workspaces.samples import installation, key


async def test_no_token_can_be_read_in_the_file(path: Path) -> None:
    """The file and its log hold the token only as it is encrypted."""
    store = await SqliteStore.open(path)
    await store.add_installation(installation("T1"))
    assert keys_of(path) == ["installation/-/T1"]
    assert b"xoxb-" not in content_of(path)
    await store.close()


async def test_a_row_that_can_not_be_read(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The others are served, and the log says which one is not and what to do."""
    store = await SqliteStore.open(path)
    await store.add_installation(installation("T1"))
    await store.add_installation(installation("T2"))
    sql(path, "UPDATE store SET value = '{}' WHERE key = 'installation/-/T1'")
    assert await store.installations() == [installation("T2")]
    assert await store.installation(key("T1")) is None
    errors = [each.getMessage() for each in caplog.records if each.levelno == logging.ERROR]
    assert len(errors) == 2
    assert all("installation/-/T1" in each and "install the app again" in each for each in errors)
    await store.add_installation(installation("T1"))
    assert await store.installation(key("T1")) == installation("T1")
    await store.close()


async def test_the_row_of_another_workspace_is_not_read(path: Path) -> None:
    """A row that was copied under another key is damaged."""
    store = await SqliteStore.open(path)
    await store.add_installation(installation("T1"))
    sql(path, "UPDATE store SET key = 'installation/-/T2'")
    assert await store.installation(key("T2")) is None
    await store.close()
