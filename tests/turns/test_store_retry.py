"""Retries of the store's operations."""

import asyncio

import pytest

from slackbot.conversation.ids import ChannelId, TeamId, Ts
from slackbot.conversation.messages import ThreadKey
from slackbot.errors import StoreError
from slackbot.turns.store_retry import until_stored

THREAD = ThreadKey(TeamId("T1"), ChannelId("C1"), Ts("1.0"))


async def test_retries_until_the_store_answers(caplog: pytest.LogCaptureFixture) -> None:
    """An operation that fails is repeated. Its failures are logged, the first with a traceback."""
    failures = [StoreError("busy"), StoreError("busy")]

    async def ask() -> int:
        if failures:
            raise failures.pop()
        return 3

    async with asyncio.timeout(5.0):
        assert await until_stored(THREAD, ask) == 3
    assert [record.levelname for record in caplog.records] == ["ERROR", "ERROR"]
    assert [bool(record.exc_info) for record in caplog.records] == [True, False]


async def test_other_errors_are_not_retried() -> None:
    """A bug is raised at once."""

    async def ask() -> int:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await until_stored(THREAD, ask)
