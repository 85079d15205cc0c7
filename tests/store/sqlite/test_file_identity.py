"""A database whose files are taken away under the bot."""

import logging
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from slackbot.conversation.inbox_events import MessageReceived
from slackbot.errors import StoreError
from slackbot.store.sqlite import SqliteStore
from tests.store.rows import unanswered
from tests.store.sqlite.test_store import HELLO, MORE

MOVED = "was moved or deleted: restart the bot"


def delete(path: Path) -> None:
    path.unlink()


def replace(path: Path) -> None:
    """As a restored backup does."""
    shutil.copy(path, path.with_name("copy.db"))
    path.with_name("copy.db").rename(path)


def delete_log(path: Path) -> None:
    path.with_name(f"{path.name}-wal").unlink()


def delete_index(path: Path) -> None:
    path.with_name(f"{path.name}-shm").unlink()


def delete_folder(path: Path) -> None:
    path.parent.rename(path.parent.with_name(f"{path.parent.name}-moved"))


TAKEN_AWAY = [delete, replace, delete_log, delete_index, delete_folder]


@pytest.mark.parametrize("take_away", TAKEN_AWAY)
async def test_nothing_is_acknowledged_into_a_file_without_a_name(
    store: SqliteStore,
    path: Path,
    caplog: pytest.LogCaptureFixture,
    take_away: Callable[[Path], None],
) -> None:
    """What is written there is gone when the process ends: all is refused from then on."""
    assert await store.append(MessageReceived(HELLO), opens=True)
    take_away(path)
    with pytest.raises(StoreError, match=MOVED):
        await store.append(MessageReceived(MORE), opens=True)
    assert MOVED in (await store.failed).user_message
    for refused in (store.check(), store.append(MessageReceived(MORE), opens=True)):
        with pytest.raises(StoreError, match=MOVED):
            await refused
    (line,) = caplog.records
    assert line.levelno == logging.CRITICAL
    assert f"{path} was deleted, moved or replaced" in line.getMessage()


@pytest.mark.parametrize("take_away", TAKEN_AWAY)
async def test_a_check_notices(
    store: SqliteStore, path: Path, take_away: Callable[[Path], None]
) -> None:
    """What a health check asks is enough, without any other write."""
    await store.check()
    take_away(path)
    with pytest.raises(StoreError, match=MOVED):
        await store.check()


async def test_a_second_program_may_come_and_go(store: SqliteStore, path: Path) -> None:
    """A command that opens the file and closes it again takes none of its files away."""
    other = await SqliteStore.open(path, shared=True)
    await other.check()
    await other.close()
    await store.append(MessageReceived(HELLO), opens=True)
    assert not store.failed.done()
    assert await unanswered(store) == []
